import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { configSchema } from '../../config/schema.ts';
import { fixture, peerAt } from '../../lab/fixtures/http-fixture.ts';
import { scratchFolder } from '../../lab/fixtures/scratch.ts';

const token = 'operator-token-of-at-least-32-characters';
const viewerToken = 'viewer-token-of-at-least-32-characters!'.replace('!', '0');
const remote = peerAt('192.0.2.7', '192.0.2.1');

const kioskDir = scratchFolder();
mkdirSync(join(kioskDir, 'assets'));
const built = (name: string) =>
  `<!doctype html><html lang="en"><head><script src="./assets/${name}.js"></script></head><body><div id="${name}"></div></body></html>`;
for (const name of ['index', 'admin', 'login', 'privacy', 'try', 'notice']) {
  writeFileSync(join(kioskDir, `${name}.html`), built(name));
}

type Who = 'nobody' | 'viewer' | 'operator' | 'viewer session' | 'wrong token' | 'expired session';

function device(http: object = {}) {
  const config = configSchema.parse({ http: { host: '0.0.0.0', token, viewerToken, ...http } });
  const { app } = fixture({ config, kioskDir });
  const ask = async (path: string, who: Who = 'nobody', init: RequestInit = {}, accept = 'text/html,*/*;q=0.8') => {
    const headers: Record<string, string> = { host: '192.0.2.1', accept, ...(await credentials(who)) };
    return app.request(path, { ...init, headers: { ...headers, ...(init.headers as object) } }, remote);
  };
  const logIn = async (password: string) => {
    const answer = await app.request(
      '/api/v1/session',
      {
        method: 'POST',
        body: JSON.stringify({ password }),
        headers: { host: '192.0.2.1', 'content-type': 'application/json' },
      },
      remote,
    );
    return answer.headers.get('set-cookie')!.split(';')[0]!;
  };
  const credentials = async (who: Who): Promise<Record<string, string>> => {
    if (who === 'viewer session') return { cookie: await logIn(viewerToken) };
    if (who === 'expired session') return { cookie: (await logIn(token)).replace(/=.*/, `=${'0'.repeat(43)}`) };
    const tokens: Partial<Record<Who, string>> = {
      viewer: viewerToken,
      operator: token,
      'wrong token': 'x'.repeat(40),
    };
    return tokens[who] === undefined ? {} : { authorization: `Bearer ${tokens[who]}` };
  };
  return { ask, logIn };
}

describe('a browser gets an error page', () => {
  test.each<[string, Who, number, string]>([
    ['/admin', 'viewer', 403, 'operators'],
    ['/admin', 'viewer session', 403, 'operators'],
    ['/admin.html', 'viewer', 403, 'operators'],
    ['/admin?lang=de', 'viewer session', 403, 'operators'],
    ['/api/v1/config', 'viewer', 403, 'operators'],
    ['/', 'wrong token', 401, 'token'],
    ['/admin', 'wrong token', 401, 'token'],
    ['/nothing', 'viewer', 404, 'unknown'],
    ['/nothing', 'operator', 404, 'unknown'],
    ['/deep/down/nothing', 'viewer', 404, 'unknown'],
    ['/notice', 'viewer', 404, 'unknown'],
    ['/notice.html', 'operator', 404, 'unknown'],
    ['/assets/none.js', 'nobody', 404, 'unknown'],
    ['/api/v1/nothing', 'operator', 404, 'unknown'],
    ['/api/v1/control/pause', 'operator', 405, 'method'],
    ['/api/v1/samples?limit=x', 'viewer', 400, 'refused'],
  ])('%s as %s: %i, %s', async (path, who, status, kind) => {
    const answer = await device().ask(path, who);
    const page = await answer.text();
    expect([answer.status, answer.headers.get('content-type')]).toEqual([status, 'text/html; charset=UTF-8']);
    expect(page).toContain(`data-notice="${kind}"`);
    expect(page).toContain('src="/assets/notice.js"');
    expect(page).toMatch(/<div id="notice"><main class="card"><h1>.+<a href="\/">To the kiosk page/);
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  test.each<[string, Who]>([
    ['/', 'nobody'],
    ['/admin', 'nobody'],
    ['/try', 'nobody'],
    ['/nothing', 'nobody'],
    ['/admin', 'expired session'],
  ])('%s as %s leads to the login, and back from there', async (path, who) => {
    const answer = await device().ask(path, who);
    expect([answer.status, answer.headers.get('location')]).toEqual([303, `/login?next=${encodeURIComponent(path)}`]);
  });

  test('the other headers of the answer stay', async () => {
    const wrongMethod = await device().ask('/api/v1/control/pause', 'operator');
    expect(wrongMethod.headers.get('allow')).toBe('POST');
    const wrongToken = await device().ask('/', 'wrong token');
    expect(wrongToken.headers.get('www-authenticate')).toContain('Bearer');
    expect(await (await device().ask('/nothing', 'viewer', { method: 'HEAD' })).text()).toBe('');
  });

  test('also for a foreign host name, and below a base path', async () => {
    const wrongHost = await device().ask('/', 'viewer', { headers: { host: 'evil.example' } });
    expect([wrongHost.status, await wrongHost.text()]).toEqual([403, expect.stringContaining('data-notice="host"')]);
    const below = await device({ basePath: '/mien' }).ask('/mien/admin', 'viewer');
    const page = await below.text();
    expect(below.status).toBe(403);
    expect(page).toContain('src="/mien/assets/notice.js"');
    expect(page).toContain('<a href="/mien/login?next=/mien/admin">Log in as operator</a>');
  });

  test('escapes all untrusted text on the page', async () => {
    const answer = await device().ask('/%3Cscript%3E%22$&', 'viewer', { headers: { host: '"<script>' } });
    expect(await answer.text()).not.toMatch(/<script>/);
  });

  test('or a plain page if the pages are not built', async () => {
    const config = configSchema.parse({});
    const answer = await fixture({ config }).app.request('/api/nothing', { headers: { accept: 'text/html' } });
    expect(answer.status).toBe(404);
    expect(await answer.text()).toContain('<h1>Not found</h1>');
  });
});

test.each([
  ['application/json', 'viewer'],
  ['*/*', 'viewer'],
  ['application/problem+json', 'viewer'],
] as const)('a program that takes %s gets the problem itself', async (accept, who) => {
  for (const [path, status] of [
    ['/admin', 403],
    ['/nothing', 404],
    ['/api/v1/control/pause', 405],
  ] as const) {
    const answer = await device().ask(path, who, {}, accept);
    expect([answer.status, answer.headers.get('content-type')], path).toEqual([status, 'application/problem+json']);
    expect(await answer.json()).toMatchObject({ title: expect.any(String), detail: expect.any(String) });
  }
});

test('a session as operator takes precedence over a viewer token that the browser sends as Basic password', async () => {
  const { ask, logIn } = device();
  const basic = { authorization: `Basic ${btoa(`any:${viewerToken}`)}` };
  expect((await ask('/admin', 'nobody', { headers: basic })).status).toBe(403);
  const cookie = await logIn(token);
  expect((await ask('/admin', 'nobody', { headers: { ...basic, cookie } })).status).toBe(200);
  const change = { method: 'POST', headers: { ...basic, cookie } };
  expect((await ask('/api/v1/control/pause', 'nobody', change)).status).toBe(403);
});
