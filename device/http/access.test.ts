import { beforeAll, describe, expect, test } from 'vitest';
import { bearer, cookieOf, device, host, password, token } from '../lab/fixtures/guarded-device.ts';
import { fixture } from '../lab/fixtures/http-fixture.ts';

describe('hosts, methods and origins', () => {
  test.each(['localhost:8080', 'LOCALHOST', '127.0.0.1:1234', '[::1]:8080', '[::1]'])(
    'the host %s is this device',
    async (host) => {
      const { app } = fixture();
      expect((await app.request('/api/v1/state', { headers: { host } })).status).toBe(200);
    },
  );

  test.each([
    'evil.example',
    'evil.example:8080',
    'localhost.evil.example',
    '127.0.0.1.nip.io',
    '192.168.1.5:8080',
    '',
  ])('the host %j is refused: its name may be rebound to this device', async (host) => {
    const { app } = fixture();
    for (const path of ['/', '/live', '/snapshot.jpg', '/stream.mjpeg', '/api/v1/state', '/healthz']) {
      const response = await app.request(path, { headers: { host } });
      expect(response.status).toBe(403);
      expect(response.headers.get('content-type')).toBe('application/problem+json');
    }
  });

  test('other methods than GET and HEAD get 405', async () => {
    const { app } = fixture();
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
      const response = await app.request('/api/v1/state', { method });
      expect(response.status).toBe(405);
      expect(response.headers.get('allow')).toBe('GET, HEAD');
    }
    expect((await app.request('/api/v1/state', { method: 'HEAD' })).status).toBe(200);
  });

  test('HEAD of a stream does not open the stream', async () => {
    const { app, live } = fixture();
    expect((await app.request('/stream.mjpeg', { method: 'HEAD' })).status).toBe(200);
    expect((await app.request('/snapshot.jpg', { method: 'HEAD' })).status).toBe(200);
    expect(live.subscribers('annotated')).toBe(0);
  });

  test('every answer has the security headers, and none allows another origin', async () => {
    const { app } = fixture();
    for (const path of ['/', '/api/v1/state', '/nowhere', '/healthz']) {
      const { headers } = await app.request(path, { headers: { origin: 'http://evil.example' } });
      expect(headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(headers.get('content-security-policy')).not.toContain('unsafe');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
      expect(headers.get('access-control-allow-origin')).toBeNull();
    }
  });

  test('a WebSocket is refused to pages of another origin and to sandboxed pages', async () => {
    const { app } = fixture();
    for (const origin of ['http://evil.example', 'http://localhost:3000', 'null']) {
      const response = await app.request('/live', {
        headers: { origin, host: 'localhost:8080', upgrade: 'websocket' },
      });
      expect(response.status).toBe(403);
    }
    expect((await app.request('/live')).status).toBe(426);
  });
});

describe('a POST from a page of another site', () => {
  const posts = [
    ['/api/v1/control/pause', undefined],
    ['/api/v1/session', JSON.stringify({ password })],
    ['/api/v1/classify', 'a picture'],
    ['/api/v1/heartbeat', '{}'],
  ] as const;

  const { ask, login } = device();
  let cookie: string;
  beforeAll(async () => {
    cookie = cookieOf(await login({ password }));
  });

  /** Headers that browsers send; `mode` and `dest` of a form are those of a navigation. */
  const crossSite = { 'sec-fetch-site': 'cross-site' };
  const form = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
  const noCors = { 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'empty' };
  const pages: readonly (readonly [string, Record<string, string>, string])[] = [
    ['a form', { origin: 'http://evil.example', ...crossSite, ...form }, 'http://evil.example'],
    ['a fetch', { origin: 'http://evil.example', ...crossSite, ...noCors }, 'http://evil.example'],
    ['an old browser that sends the origin only', { origin: 'http://evil.example' }, 'http://evil.example'],
    ['a sandboxed page', { origin: 'null', ...crossSite, ...form }, 'null'],
    ['a form without an origin', { ...crossSite, ...form }, 'another site'],
    ['a fetch without an origin', { ...crossSite, ...noCors }, 'another site'],
    [
      'another port of this host',
      { origin: 'http://192.168.1.5:3000', 'sec-fetch-site': 'same-site' },
      'http://192.168.1.5:3000',
    ],
    ['another name of this site, without an origin', { 'sec-fetch-site': 'same-site', ...form }, 'another site'],
  ];
  const cases = posts.flatMap(([path, body]) =>
    pages.map(([name, headers, from]) => ({ path, body, name, headers, from })),
  );

  test.each(cases)('$name is refused at $path, whatever login it brings', async ({ path, body, headers, from }) => {
    const basic = `Basic ${Buffer.from(`any:${token}`).toString('base64')}`;
    const logins: readonly Record<string, string>[] = [
      {},
      bearer(token).headers,
      { authorization: basic },
      { cookie, 'x-mien': '1' },
    ];
    for (const credentials of logins) {
      const type = body?.startsWith('{') ? 'application/json' : 'text/plain';
      const init = { method: 'POST', headers: { 'content-type': type, ...headers, ...credentials } };
      const response = await ask(path, body === undefined ? init : { ...init, body });
      expect(response.status).toBe(403);
      expect(response.headers.get('set-cookie')).toBeNull();
      expect(await response.json()).toMatchObject({
        title: 'Wrong origin',
        detail: `Expected a request from a page of this device, got one from "${from}"`,
        remedy: expect.stringContaining('http.allowedOrigins'),
      });
    }
    const state = await (await ask('/api/v1/state', bearer(token))).json();
    expect(state).toMatchObject({ paused: false });
    expect(state).not.toHaveProperty('screen');
  });

  test.each<readonly [string, Record<string, string>]>([
    ['a page of this device', { origin: `http://${host}`, 'sec-fetch-site': 'same-origin' }],
    ['a program, which sends neither header', {}],
  ])('%s is accepted', async (_name, headers) => {
    const init = { method: 'POST', headers: { ...headers, ...bearer(token).headers } };
    expect((await ask('/api/v1/control/pause', init)).status).toBe(202);
  });
});
