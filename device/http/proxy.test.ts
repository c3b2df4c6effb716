/** Mien behind a proxy: trust, the identity of callers, and the base path. */
import { beforeAll, describe, expect, test } from 'vitest';
import { type Config, configSchema } from '../config/schema.ts';
import { FakeClock, fixture, peerAt } from '../lab/fixtures/http-fixture.ts';
import { heardLog } from '../lab/fixtures/log.ts';
import { LoginLinks, makeLinkCode } from './auth/links.ts';
import { hashPassword } from './auth/secrets.ts';

const token = 'operator-token-operator-token-operator';
const viewerToken = 'viewer-token-viewer-token-viewer-token';
const password = 'correct horse';
let passwordHash: string;
beforeAll(async () => {
  passwordHash = await hashPassword(password, { ln: 14, r: 8, p: 1 });
});

const local = peerAt('127.0.0.1');
const remote = peerAt('192.168.1.7', '192.168.1.5');

function device(http: Partial<Config['http']> = {}) {
  const clock = new FakeClock();
  const log = heardLog();
  const links = new LoginLinks(() => clock.now());
  const config = configSchema.parse({
    http: { allowedHosts: ['kiosk.example.org'], token, viewerToken, passwordHash, ...http },
  });
  const { app } = fixture({ config, clock, log, links });
  const ask = async (path: string, headers: Record<string, string> = {}, from: object = local) =>
    app.request(path, { headers: { host: 'localhost:8080', ...headers } }, from as never);
  const login = (body: unknown, headers: Record<string, string> = {}, from: object = local) =>
    app.request(
      '/api/v1/session',
      {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { host: 'localhost:8080', 'content-type': 'application/json', ...headers },
      },
      from as never,
    );
  const status = async (...asked: Parameters<typeof ask>) => (await ask(...asked)).status;
  return { app, clock, log, links, ask, login, status };
}

const state = '/api/v1/state';
/** The header of nginx with `proxy_set_header X-Forwarded-For $remote_addr`. */
const forwarded = (address: string) => ({ 'x-forwarded-for': address });
/** The header of nginx before 1.29.7 with a bare `proxy_pass`. */
const bare = { incoming: { ...local.incoming, httpVersion: '1.0' } };

describe('a proxy on the device that is not in http.trustedProxies', () => {
  test('does not make its clients the device itself, also with a bare proxy_pass', async () => {
    const { status } = device();
    expect(await status(state)).toBe(200);
    expect(await status(state, {}, bare)).toBe(401);
    expect(await status('/snapshot.jpg', {}, bare)).toBe(401);
    expect(await status(state), 'an old program on the device does not affect its screen').toBe(200);
  });

  test.each([
    ['A header', forwarded('203.0.113.9')],
    ['A host name', { host: 'kiosk.example.org' }],
  ])(
    '%s that reveals it switches the login on for the device too, and the log says so once',
    async (_what, headers) => {
      const { status, log } = device();
      expect(await status(state, headers)).toBe(401);
      expect(await status(state, headers)).toBe(401);
      expect(await status(state)).toBe(401);
      expect(await status(state, { authorization: `Bearer ${viewerToken}` })).toBe(200);
      expect(log.lines.filter(({ text }) => text.startsWith('A proxy on this device'))).toHaveLength(1);
    },
  );

  test('a page with a rebound name does not switch the login on', async () => {
    const { status } = device();
    expect(await status(state, { host: 'evil.example' })).toBe(403);
    expect(await status(state)).toBe(200);
  });

  test('http.loopbackLogin: always and never', async () => {
    expect(await device({ loopbackLogin: 'always' }).status(state)).toBe(401);
    const never = device({ loopbackLogin: 'never' });
    expect(await never.status(state, forwarded('203.0.113.9'))).toBe(401);
    expect(await never.status(state)).toBe(200);
  });

  test('guesses through it lock out neither the device nor a login link', async () => {
    const { login, links, clock } = device();
    for (let n = 0; n < 6; n += 1) await login({ password: `guess ${n}` }, forwarded('203.0.113.9'));
    expect((await login({ password }, forwarded('203.0.113.9'))).status).toBe(429);
    expect((await login({ password })).status).toBe(200);
    const link = makeLinkCode(links.key, clock.now());
    expect((await login({ link }, forwarded('203.0.113.9'))).status).toBe(200);
  });
});

describe('a proxy in http.trustedProxies', () => {
  const trusted = { trustedProxies: ['127.0.0.1'] };

  test('keeps the screen of the device trusted, but not its own clients', async () => {
    const { status } = device(trusted);
    expect(await status(state, forwarded('203.0.113.9'))).toBe(401);
    expect(await status(state)).toBe(200);
  });

  test('separates its clients: the guesses of one do not lock out another', async () => {
    const { login } = device(trusted);
    for (let n = 0; n < 6; n += 1) await login({ password: `guess ${n}` }, forwarded('203.0.113.9'));
    expect((await login({ password }, forwarded('203.0.113.9'))).status).toBe(429);
    expect((await login({ password }, forwarded('203.0.113.10'))).status).toBe(200);
    // The entry on the left was sent by the client itself.
    expect((await login({ password }, forwarded('203.0.113.99, 203.0.113.9'))).status).toBe(429);
  });

  test('passes on whether the client used HTTPS, and which host name', async () => {
    const { login } = device(trusted);
    const headers = {
      ...forwarded('203.0.113.9'),
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'kiosk.example.org',
    };
    const answer = await login({ password }, { ...headers, origin: 'https://kiosk.example.org' });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('set-cookie')).toMatch(/^__Host-.*; Secure/);
    expect((await login({ password }, { ...headers, origin: 'https://evil.example' })).status).toBe(403);
  });

  test('is trusted from its own address only', async () => {
    const { login } = device(trusted);
    for (let n = 0; n < 6; n += 1) {
      await login({ password: 'guess' }, { host: '192.168.1.5', ...forwarded(`203.0.113.${n}`) }, remote);
    }
    expect((await login({ password }, { host: '192.168.1.5', ...forwarded('203.0.113.77') }, remote)).status).toBe(429);
  });
});

describe('http.basePath', () => {
  const below = { basePath: '/mien' };

  test('all paths work with and without it: a proxy may strip it or keep it', async () => {
    const { status } = device(below);
    expect(await status('/mien/api/v1/state')).toBe(200);
    expect(await status('/api/v1/state')).toBe(200);
    expect(await status('/mienapi/v1/state')).toBe(404);
  });

  test('redirects and the OpenAPI document contain it', async () => {
    const { ask } = device(below);
    expect((await ask('/mien?lang=de')).headers.get('location')).toBe('/mien/?lang=de');
    for (const path of ['/mien/admin', '/admin']) {
      const { headers } = await ask(path, { accept: 'text/html' });
      expect(headers.get('location')).toBe('/mien/login?next=%2Fmien%2Fadmin');
    }
    const description = (await (await ask('/api/v1/openapi.json')).json()) as { servers: unknown };
    expect(description.servers).toEqual([{ url: '/mien' }]);
  });

  test.each(['mien', '/mien/', '/', '/a b', '//x'])('%j is refused', (basePath) => {
    expect(configSchema.safeParse({ http: { basePath } }).success).toBe(false);
  });
});

describe('Basic', () => {
  const basic = (secret: string) => ({ authorization: `Basic ${Buffer.from(`any:${secret}`).toString('base64')}` });
  const from = { host: '192.168.1.5' };

  test('with the token as password is equivalent to Bearer', async () => {
    const { status } = device();
    expect(await status(state, { ...from, ...basic(viewerToken) }, remote)).toBe(200);
    expect(await status('/api/v1/settings', { ...from, ...basic(viewerToken) }, remote)).toBe(403);
    expect(await status('/api/v1/settings', { ...from, ...basic(token) }, remote)).toBe(200);
    expect(await status(state, { ...from, ...basic('wrong') }, remote)).toBe(401);
    expect(await status(state, { ...from, authorization: 'Basic !' }, remote)).toBe(401);
    // The operator's password starts sessions only.
    expect(await status(state, { ...from, ...basic(password) }, remote)).toBe(401);
  });

  test.each(['/stream.mjpeg', '/snapshot.jpg', state])(
    '%s offers it to programs, but not to browsers',
    async (path) => {
      const { ask } = device();
      const program = (await ask(path, from, remote)).headers.get('www-authenticate');
      expect(program).toBe('Basic realm="mien", charset="UTF-8", Bearer realm="mien"');
      const browser = await ask(path, { ...from, 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64)' }, remote);
      expect(browser.headers.get('www-authenticate')).toBe('Bearer realm="mien"');
    },
  );

  test('a change from a browser that stores it needs X-Mien, as with a session', async () => {
    const { app } = device();
    const pause = (headers: Record<string, string>) =>
      app.request(
        '/api/v1/control/pause',
        { method: 'POST', headers: { ...from, ...basic(token), ...headers } },
        remote,
      );
    const origin = 'http://192.168.1.5';
    expect((await pause({ origin })).status).toBe(403);
    expect((await pause({ origin, 'x-mien': '1' })).status).toBe(202);
    expect((await pause({})).status).toBe(202);
  });
});

describe('pages of other programs', () => {
  const origin = 'https://home.example.org:8123';
  const iframe = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' };

  test('are refused by default', async () => {
    const { ask, status } = device();
    expect(await status(state, { origin })).toBe(403);
    expect(await status(state, iframe)).toBe(403);
    const { headers } = await ask(state);
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('access-control-allow-origin')).toBeNull();
  });

  test('in http.frameAncestors may frame this one', async () => {
    const { ask, status } = device({ frameAncestors: [origin] });
    const { headers } = await ask(state, iframe);
    expect(headers.get('content-security-policy')).toContain(`frame-ancestors ${origin}`);
    expect(headers.get('x-frame-options')).toBeNull();
    expect(await status(state, { ...iframe, 'sec-fetch-dest': 'image' })).toBe(403);
    expect(await status(state, { origin })).toBe(403);
  });

  test('in http.frameAncestors get a third-party cookie over HTTPS; all others get a strict one', async () => {
    const https = { 'x-forwarded-for': '203.0.113.9', 'x-forwarded-proto': 'https' };
    const cookieOf = async (http: Partial<Config['http']>, headers = https) =>
      (await device({ trustedProxies: ['127.0.0.1'], ...http }).login({ password }, headers)).headers.get('set-cookie');
    expect(await cookieOf({ frameAncestors: [origin] })).toMatch(/Secure; SameSite=None; Partitioned$/);
    // A header of an untrusted proxy makes a cookie stricter, never laxer.
    expect(await cookieOf({ frameAncestors: [origin], trustedProxies: [] })).toMatch(/Secure; SameSite=Strict$/);
    expect(await cookieOf({ frameAncestors: [origin] }, { ...https, 'x-forwarded-proto': 'http' })).toMatch(
      /SameSite=Strict$/,
    );
    expect(await cookieOf({})).toMatch(/SameSite=Strict$/);
  });

  test('in http.allowedOrigins may use the API; all others may not', async () => {
    const { app, ask, status } = device({ allowedOrigins: [origin] });
    const answer = await ask(state, { origin, authorization: `Bearer ${viewerToken}` });
    expect(answer.headers.get('access-control-allow-origin')).toBe(origin);
    expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
    const preflight = (from: string) =>
      app.request(state, {
        method: 'OPTIONS',
        headers: { host: 'localhost', origin: from, 'access-control-request-method': 'GET' },
      });
    expect((await preflight(origin)).status).toBe(204);
    expect((await preflight('https://evil.example')).status).toBe(403);
    expect(await status(state, { origin: 'https://evil.example' })).toBe(403);
    expect(await status(state, { origin: 'null' })).toBe(403);
  });

  test.each(['*', 'home.example.org', 'https://home.example.org/', 'null', ''])('%j is not an origin', (text) => {
    expect(configSchema.safeParse({ http: { allowedOrigins: [text] } }).success).toBe(false);
    expect(configSchema.safeParse({ http: { frameAncestors: [text] } }).success).toBe(false);
  });
});
