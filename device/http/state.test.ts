import { describe, expect, test } from 'vitest';
import { FakeClock, fixture, json, labels, makeReading } from '../lab/fixtures/http-fixture.ts';

describe('state and reading', () => {
  test('the state holds the device, its version and its settings, without passwords', async () => {
    const { app, board } = fixture();
    board.update('camera', {
      source: 'rtsp://admin:s3cret@10.0.0.7/stream',
      reason: 'cannot open rtsp://admin:s3cret@10.0.0.7',
    });
    const response = await app.request('/api/v1/state');
    const text = await response.text();
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(JSON.parse(text)).toMatchObject({
      version: '1.2.3',
      bootId: 'boot-1',
      device: { name: 'lobby-1' },
      kiosk: { title: 'Mien' },
      labels: [...labels],
      state: { camera: { state: 'online', source: 'rtsp://***@10.0.0.7/stream' }, mqtt: { state: 'disabled' } },
      live: { viewers: 0, dropped: 0 },
    });
    expect(text).not.toContain('s3cret');
  });

  test('the newest reading, or the reason why there is none', async () => {
    const made = fixture();
    const none = await made.app.request('/api/v1/reading');
    expect(none.status).toBe(503);
    expect(await json(none)).toMatchObject({ title: 'No reading yet' });
    made.latest = makeReading(41);
    expect(await json(made.app.request('/api/v1/reading'))).toEqual(makeReading(41));
  });
});

describe('/healthz', () => {
  test('fails when frames stop while the camera is online, and recovers', async () => {
    const clock = new FakeClock();
    const made = fixture({ clock });
    made.latest = makeReading(1);
    expect((await made.app.request('/healthz')).status).toBe(200);
    clock.time += 7900;
    expect((await made.app.request('/healthz')).status).toBe(200);
    clock.time += 200;
    const failing = await made.app.request('/healthz');
    expect(failing.status).toBe(503);
    expect(await json(failing)).toMatchObject({
      status: 'failing',
      reasons: ['no new frame for 8 s although the camera counts as online'],
      camera: { state: 'online' },
      version: '1.2.3',
    });
    made.latest = makeReading(2);
    expect(await json(made.app.request('/healthz'))).toMatchObject({
      status: 'ok',
      frames: { frame: 2, unchangedMs: 0 },
    });
  });

  test('a slow source gets the time of two more frames', async () => {
    const clock = new FakeClock();
    const made = fixture({ clock });
    made.board.update('camera', { fps: 0.1 });
    made.latest = makeReading(1);
    expect((await made.app.request('/healthz')).status).toBe(200);
    clock.time += 27_900;
    expect((await made.app.request('/healthz')).status).toBe(200);
    clock.time += 200;
    expect((await made.app.request('/healthz')).status).toBe(503);
  });

  test('a lost camera is degraded, not failing; the stall time starts when it is back', async () => {
    const clock = new FakeClock();
    const made = fixture({ clock });
    made.latest = makeReading(1);
    made.board.update('camera', { state: 'lost', reason: 'unplugged; plug it in' });
    clock.time += 3_600_000;
    const lost = await made.app.request('/healthz');
    expect(lost.status).toBe(200);
    expect(await json(lost)).toMatchObject({ status: 'degraded', reasons: ['camera lost: unplugged; plug it in'] });
    clock.time += 3_600_000;
    made.board.update('camera', { state: 'online', reason: undefined });
    expect((await made.app.request('/healthz')).status).toBe(200);
    clock.time += 9000;
    expect((await made.app.request('/healthz')).status).toBe(503);
  });

  test('a start may take one minute', async () => {
    const clock = new FakeClock();
    const made = fixture({ clock });
    made.board.update('vision', { state: 'starting' });
    clock.time += 59_000;
    expect((await made.app.request('/healthz')).status).toBe(200);
    clock.time += 2000;
    expect((await made.app.request('/healthz')).status).toBe(503);
  });

  test('names each degraded part', async () => {
    const made = fixture();
    made.latest = makeReading(1);
    made.board.update('vision', { warning: 'Haar cascade in use. Run: mien models pull' });
    made.board.update('governor', { state: 'reduced', fpsLimit: 15, reason: 'The processor is at 82 °C; give it air' });
    made.board.update('store', { state: 'failing', reason: 'disk full' });
    made.board.update('mqtt', { state: 'offline', reason: 'mqtt://u:p@broker refused' });
    expect(await json(made.app.request('/healthz'))).toMatchObject({
      status: 'degraded',
      reasons: [
        'Haar cascade in use. Run: mien models pull',
        'fewer frames a second: The processor is at 82 °C; give it air',
        'log failing: disk full',
        'broker offline: mqtt://***@broker refused',
      ],
    });
    made.board.update('store', { state: 'starting', reason: 'A copy is made before the update' });
    const { reasons } = await json(made.app.request('/healthz'));
    expect(reasons).toContain('log: A copy is made before the update');
  });
});
