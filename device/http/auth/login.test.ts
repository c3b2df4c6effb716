import { describe, expect, test } from 'vitest';
import {
  cookieOf,
  device,
  host,
  password,
  passwordHash,
  token,
  viewerToken,
} from '../../lab/fixtures/guarded-device.ts';
import { peerAt } from '../../lab/fixtures/http-fixture.ts';

describe('a session', () => {
  test('is begun with the password, and its cookie is no one else’s to read', async () => {
    const { ask, login, log } = device();
    const response = await login({ password });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ role: 'operator', by: 'session', password: true });
    const cookie = response.headers.get('set-cookie')!;
    expect(cookie).toMatch(/^mien-session=[\w-]{43}; Max-Age=2592000; Path=\/; HttpOnly; SameSite=Strict$/);
    const me = await (await ask('/api/v1/session', { headers: { cookie: cookieOf(response) } })).json();
    expect(me).toMatchObject({ role: 'operator', by: 'session', expires: expect.any(Number) });
    expect((await ask('/api/v1/state', { headers: { cookie: cookieOf(response) } })).status).toBe(200);
    expect(log.lines).toEqual([{ level: 'info', text: 'login: operator from 192.168.1.7' }]);
  });

  test('with a token as the password has the role of the token', async () => {
    const { login } = device({ viewerToken });
    expect(await (await login({ password: viewerToken })).json()).toMatchObject({ role: 'viewer' });
  });

  test('gets a new id at each login, whatever the browser brings, and the one it brought is over', async () => {
    const { ask, login } = device();
    const planted = `mien-session=${'A'.repeat(43)}`;
    const first = cookieOf(await login({ password }, { cookie: planted }));
    expect(first).not.toBe(planted);
    expect((await ask('/api/v1/state', { headers: { cookie: planted } })).status).toBe(401);
    const second = cookieOf(await login({ password }, { cookie: first, 'x-mien': '1' }));
    expect((await ask('/api/v1/state', { headers: { cookie: first } })).status).toBe(401);
    expect((await ask('/api/v1/state', { headers: { cookie: second } })).status).toBe(200);
  });

  test('ends at the logout, which only a page of the device can ask for', async () => {
    const { ask, login } = device();
    const cookie = cookieOf(await login({ password }));
    const logout = (headers: Record<string, string>) =>
      ask('/api/v1/session', { method: 'DELETE', headers: { cookie, ...headers } });
    const plain = await logout({});
    expect(plain.status).toBe(403);
    expect(await plain.json()).toMatchObject({ title: 'Header missing', detail: expect.stringContaining('X-Mien: 1') });
    expect((await logout({ 'x-mien': '1', origin: 'http://evil.example' })).status).toBe(403);
    const response = await logout({ 'x-mien': '1', origin: `http://${host}` });
    expect(response.status).toBe(204);
    expect(response.headers.get('set-cookie')).toMatch(
      /^mien-session=; Max-Age=0; Path=\/; HttpOnly; SameSite=Strict$/,
    );
    expect((await ask('/api/v1/state', { headers: { cookie } })).status).toBe(401);
  });

  test('ends when it was not used for http.sessionHours', async () => {
    const { ask, clock, login } = device({ passwordHash, sessionHours: 2 });
    const cookie = cookieOf(await login({ password }));
    clock.time += 2 * 3_600_000 - 1;
    expect((await ask('/api/v1/state', { headers: { cookie } })).status).toBe(200);
    clock.time += 2 * 3_600_000;
    expect((await ask('/api/v1/state', { headers: { cookie } })).status).toBe(401);
  });

  test.each([
    ['text/plain', '{"password":"x"}', 415, 'Wrong content type'],
    ['application/x-www-form-urlencoded', 'password=x', 415, 'Wrong content type'],
    ['application/json', 'password', 422, 'Bad login'],
    ['application/json', '{"password":""}', 422, 'Bad login'],
    ['application/json', '{"password":"x","role":"operator"}', 422, 'Bad login'],
    ['application/json', JSON.stringify({ password: 'x'.repeat(5000) }), 413, 'Body too large'],
  ])('%s: %s', async (type, body, status, title) => {
    const response = await device().ask('/api/v1/session', { method: 'POST', body, headers: { 'content-type': type } });
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ title });
  });
});

describe('guessing', () => {
  test('is slow: five at once, then one in 30 s, counted by machine and not by what it claims', async () => {
    const { clock, login, log } = device();
    const guess = (n: number) => login({ password: `guess ${n}` }, { 'x-forwarded-for': `10.0.0.${n}` });
    // All at once: each is counted before it is looked at.
    const answers = await Promise.all([1, 2, 3, 4, 5, 6, 7].map(guess));
    expect(answers.map(({ status }) => status).sort()).toEqual([401, 401, 401, 401, 401, 429, 429]);
    const limited = answers.find(({ status }) => status === 429)!;
    expect(limited.headers.get('retry-after')).toBe('30');
    expect(await limited.json()).toMatchObject({ title: 'Too many attempts', detail: 'Try again in 30 s' });
    // Not even the right one, or the limit would tell which is right.
    expect((await login({ password })).status).toBe(429);
    expect((await login({ password }, {}, peerAt('192.168.1.8', '192.168.1.5'))).status).toBe(200);
    clock.time += 30_000;
    expect((await login({ password })).status).toBe(200);
    expect(JSON.stringify(log.lines)).not.toContain('guess');
    expect(log.lines.filter(({ text }) => text === 'login: refused to 192.168.1.7')).toHaveLength(5);
  });

  test('says what is wrong and what to do', async () => {
    const { login } = device();
    expect(await (await login({ password: 'wrong' })).json()).toMatchObject({
      status: 401,
      title: 'Wrong password',
      remedy: expect.stringContaining('mien access password'),
    });
    expect(await (await login({ link: 'wrong' })).json()).toMatchObject({
      title: 'Link not valid',
      remedy: expect.stringContaining('mien access link'),
    });
    expect(await (await device({ token }).login({ password: 'wrong' })).json()).toMatchObject({
      title: 'No password set',
      remedy: expect.stringContaining('mien access link'),
    });
  });
});
