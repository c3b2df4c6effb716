import { describe, expect, test } from 'vitest';
import { configSchema } from '../../config/schema.ts';
import { bearer, device, local, passwordHash, remote, token, viewerToken } from '../../lab/fixtures/guarded-device.ts';
import { peerAt } from '../../lab/fixtures/http-fixture.ts';

describe('without a session or token', () => {
  const guarded = [
    '/',
    '/admin',
    '/try',
    '/live',
    '/stream.mjpeg',
    '/snapshot.jpg',
    '/api/v1/state',
    '/api/v1/reading',
  ];

  test.each(guarded)('another machine is refused %s', async (path) => {
    const { ask, live } = device();
    const response = await ask(path);
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toContain('Bearer realm="mien"');
    expect(await response.json()).toMatchObject({ title: 'Login needed', remedy: expect.stringContaining('/login') });
    expect(live.subscribers('annotated') + live.subscribers('plain')).toBe(0);
  });

  test('a person is led to the login, and from there back', async () => {
    const response = await device().ask('/admin', { headers: { accept: 'text/html,*/*' } });
    expect(response.status).toBe(303);
    expect(response.headers.get('location')).toBe('/login?next=%2Fadmin');
  });

  test('health is told in one word', async () => {
    const { ask } = device();
    const response = await ask('/healthz');
    expect(await response.json()).toEqual({ status: expect.any(String) });
    expect(await (await ask('/healthz', bearer(viewerToken))).json()).toHaveProperty('bootId');
  });

  test.each(['/login', '/privacy', '/assets/index-1.js', '/favicon.svg'])('%s is for everybody', async (path) => {
    expect((await device().ask(path)).status).toBe(404); // Not built here, but not refused either.
  });

  test.each(['/assets/../api/v1/state', '//api/v1/state', '/api/v1/session/../state', '/privacy/../api/v1/state'])(
    '%s is no way around',
    async (path) => {
      expect((await device().ask(path)).status).not.toBe(200);
    },
  );

  test('the device itself may look, by whatever address it asks', async () => {
    const { ask } = device();
    for (const peer of [local, peerAt('::1', '::1'), peerAt('::ffff:127.0.0.1'), peerAt('192.168.1.5', '192.168.1.5')])
      expect((await ask('/api/v1/state', { headers: { host: 'localhost' } }, peer)).status).toBe(200);
  });

  test('a header makes nobody local, and a proxy on the device is not the device', async () => {
    const { ask } = device();
    for (const name of ['x-forwarded-for', 'x-real-ip', 'forwarded', 'via']) {
      expect((await ask('/api/v1/state', { headers: { [name]: '127.0.0.1' } })).status).toBe(401);
      expect((await ask('/api/v1/state', { headers: { [name]: '10.0.0.9', host: 'localhost' } }, local)).status).toBe(
        401,
      );
    }
  });

  test('a connection whose other end is not known is not this device', async () => {
    expect((await device().ask('/api/v1/state', { headers: { host: 'localhost' } }, {})).status).toBe(401);
  });
});

describe('tokens', () => {
  test('open what their role may', async () => {
    const { ask } = device();
    for (const value of [token, viewerToken]) expect((await ask('/api/v1/state', bearer(value))).status).toBe(200);
    expect(await (await ask('/api/v1/session', bearer(token))).json()).toMatchObject({ role: 'operator', by: 'token' });
    expect(await (await ask('/api/v1/session', bearer(viewerToken))).json()).toMatchObject({ role: 'viewer' });
  });

  test.each(['', 'wrong', `${token}x`, token.slice(1)])('%j is refused, also on the device itself', async (value) => {
    const { ask } = device();
    for (const [from, host] of [
      [remote, '192.168.1.5'],
      [local, 'localhost'],
    ] as const) {
      const response = await ask('/api/v1/state', { headers: { host, authorization: `Bearer ${value}` } }, from);
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toContain('invalid_token');
      expect(await response.json()).toMatchObject({ title: 'Wrong token' });
    }
  });
});

describe('every route that is described', () => {
  test('is closed to those without its role', async () => {
    const { ask } = device();
    const document = (await (await ask('/api/v1/openapi.json', bearer(token))).json()) as {
      paths: Record<string, Record<string, { security?: object[] }>>;
    };
    const routes = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { security = [] }]) => {
        // Where the device itself may ask without anything, `{}` stands among what is accepted.
        const isOperators = !security.some((each) => Object.keys(each).length === 0);
        return { path: path.replaceAll(/\{\w+\}/g, 'x'), method: method.toUpperCase(), isOperators };
      }),
    );
    const isPublic = ({ path }: { path: string }) => /^\/(healthz|api\/v1\/(session|privacy))$/.test(path);
    expect(routes.filter(({ isOperators }) => isOperators).length).toBeGreaterThan(5);
    for (const route of routes.filter((each) => !isPublic(each))) {
      const send = async (init: RequestInit, from: object = remote) =>
        [route, (await ask(route.path, { method: route.method, ...init }, from)).status] as const;
      expect(await send({})).toEqual([route, 401]);
      if (!route.isOperators) continue;
      expect(await send(bearer(viewerToken))).toEqual([route, 403]);
      expect(await send({ headers: { host: 'localhost' } }, local)).toEqual([route, 401]);
    }
  });
});

describe('limits', () => {
  test('one machine gets so many requests, the others and the device itself go on', async () => {
    const { ask, clock } = device();
    const state = (from: object = remote) => ask('/api/v1/state', bearer(token), from);
    for (let n = 0; n < 300; n += 1) expect((await state()).status).toBe(200);
    const limited = await state();
    expect(limited.status).toBe(429);
    expect(limited.headers.get('retry-after')).toBe('1');
    expect(await limited.json()).toMatchObject({ title: 'Too many requests', detail: expect.stringContaining('50') });
    expect((await state(peerAt('192.168.1.8', '192.168.1.5'))).status).toBe(200);
    const own = { headers: { host: 'localhost' } };
    for (let n = 0; n < 301; n += 1) expect((await ask('/api/v1/state', own, local)).status).toBe(200);
    clock.time += 20;
    expect((await state()).status).toBe(200);
    expect((await state()).status).toBe(429);
  });

  test('no body is read that is larger than any that is expected', async () => {
    const { ask } = device();
    const send = (bytes: number) =>
      ask('/api/v1/state', { method: 'POST', body: 'x'.repeat(bytes), headers: bearer(token).headers });
    expect((await send(64 * 1024)).status).toBe(405);
    const refused = await send(64 * 1024 + 1);
    expect(refused.status).toBe(413);
    expect(await refused.json()).toMatchObject({ title: 'Body too large', detail: 'Expected at most 65536 bytes' });
  });
});

describe('the bind', () => {
  const parse = (http: object) => configSchema.safeParse({ http });
  const issue = (http: object) => parse(http).error?.issues.map(({ path, message }) => [path.join('.'), message]);

  test.each(['0.0.0.0', '::', '192.168.1.5', '10.0.0.1', 'kiosk.lan'])('%s needs a password or token', (host) => {
    expect(issue({ host })).toEqual([['http.host', expect.stringMatching(/http\.passwordHash .*http\.token/)]]);
    for (const secret of [{ token }, { viewerToken }, { passwordHash }])
      expect(parse({ host, ...secret }).success).toBe(true);
  });

  test.each(['127.0.0.1', '127.0.0.2', '::1', 'localhost'])('%s needs none', (host) => {
    expect(parse({ host }).success).toBe(true);
  });

  test('refuses secrets that are none', () => {
    expect(issue({ passwordHash: 'secret' })).toEqual([
      ['http.passwordHash', expect.stringContaining('mien access password')],
    ]);
    expect(issue({ token: 'short' })).toEqual([['http.token', expect.stringContaining('32 to 256')]]);
    expect(issue({ token, viewerToken: token })).toEqual([['http.viewerToken', 'another token than http.token']]);
    expect(issue({ tls: { cert: 'a.pem' } })).toEqual([['http.tls.key', 'the key of http.tls.cert']]);
    expect(issue({ tls: { key: 'a.pem' } })).toEqual([['http.tls.cert', 'the certificate of http.tls.key']]);
  });
});
