import { expect, test } from 'vitest';
import { bearer, device, token, viewerToken } from '../lab/fixtures/guarded-device.ts';
import { makeReading } from '../lab/fixtures/http-fixture.ts';

test('a viewer gets the page, which no cache may store', async () => {
  const response = await device().ask('/metrics', bearer(viewerToken));
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(await response.text()).toContain('mien_build_info{version="1.2.3",');
});

test('the page needs a token, also as the password of Basic authentication, which Prometheus knows too', async () => {
  const { ask } = device();
  const refused = await ask('/metrics');
  expect(refused.status).toBe(401);
  expect(await refused.json()).toMatchObject({ title: 'Login needed' });
  expect((await ask('/metrics', bearer(`${viewerToken}x`))).status).toBe(401);
  const basic = `Basic ${Buffer.from(`prometheus:${viewerToken}`).toString('base64')}`;
  expect((await ask('/metrics', { headers: { authorization: basic } })).status).toBe(200);
});

test('health, screen and viewers are those of the moment', async () => {
  const made = device();
  const page = async () => (await made.ask('/metrics', bearer(token))).text();
  made.latest = makeReading(1);
  expect(await page()).toContain('mien_health_status{status="ok"} 1\n');
  expect(await page()).not.toMatch(/^mien_screen_visible/m);
  made.clock.time += 60_000;
  const heartbeat = { version: '1', visible: false, fps: 0, width: 800, height: 600 };
  const headers = { 'content-type': 'application/json', ...bearer(token).headers };
  await made.ask('/api/v1/heartbeat', { method: 'POST', headers, body: JSON.stringify(heartbeat) });
  const later = await page();
  expect(later).toContain('mien_health_status{status="failing"} 1\n');
  expect(later).toContain('mien_screen_visible 0\n');
  expect(later).toContain(`mien_screen_seen_timestamp_seconds ${made.clock.time / 1000}\n`);
  made.vision.paused = true;
  expect(await page()).toContain('mien_paused 1\n');
});

test('the page has no address, secret, name or expression', async () => {
  const made = device();
  made.board.update('camera', { source: 'rtsp://admin:s3cret@10.0.0.7/stream', reason: 'cannot open 10.0.0.7' });
  made.board.update('mqtt', { state: 'offline', url: 'mqtt://broker.example', reason: 'broker.example is unknown' });
  made.latest = makeReading(1);
  const page = await (await made.ask('/metrics', bearer(token))).text();
  expect(page).not.toMatch(/s3cret|10\.0\.0\.7|broker\.example|lobby|happy|viewer-token/);
});

test('a HEAD is answered without a body', async () => {
  const response = await device().ask('/metrics', { method: 'HEAD', ...bearer(viewerToken) });
  expect(response.status).toBe(200);
  expect(await response.text()).toBe('');
});
