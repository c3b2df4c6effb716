import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '../../lab/fixtures/mosquitto.ts';
import { DaemonPage } from './daemon-page.ts';

const answers: Record<string, { status: number; body: string }> = {};
let server: Server;
let origin: string;
beforeAll(async () => {
  server = createServer((request, response) => {
    const { status, body } = answers[request.url!] ?? { status: 404, body: '' };
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

test('any status is an answer: a failing daemon serves its page, which says why', async () => {
  answers['/healthz'] = { status: 503, body: '{}' };
  expect(await new DaemonPage(origin).unreachable()).toBe(undefined);
});

test('without an answer the reason is the one of the connection', async () => {
  const page = new DaemonPage(`http://127.0.0.1:${await freePort()}/`);
  expect(await page.unreachable()).toMatch(/ECONNREFUSED/);
  expect(await page.screen()).toEqual({
    kind: 'none',
    reason: expect.stringMatching(/ECONNREFUSED/),
  });
});

test('the API lies below the path of the page', async () => {
  answers['/lobby/api/v1/state'] = { status: 200, body: '{"screen":{"seenAt":5,"onDevice":true}}' };
  const page = new DaemonPage(`${origin}/lobby`);
  expect(page.url).toBe(`${origin}/lobby/`);
  expect(await page.screen()).toEqual({ kind: 'beat', seenAt: 5 });
});

test.each([
  [200, '{}', { kind: 'beat', seenAt: undefined }],
  [200, '{"screen":{"seenAt":5,"onDevice":false}}', { kind: 'beat', seenAt: undefined }],
  [401, '{}', { kind: 'locked' }],
  [503, '{}', { kind: 'none', reason: 'status 503' }],
  [200, 'no JSON', { kind: 'none', reason: expect.stringMatching(/JSON/) }],
])('status %i with %s says %j', async (status, body, expected) => {
  answers['/api/v1/state'] = { status, body };
  expect(await new DaemonPage(origin).screen()).toEqual(expected);
});
