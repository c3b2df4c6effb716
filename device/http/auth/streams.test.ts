import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { configSchema } from '../../config/schema.ts';
import { eventually, fixture, numberedFrame, silentLog } from '../../lab/fixtures/http-fixture.ts';
import { type RunningServer, serveApp } from '../server/serve.ts';

/** These tests use real connections. This header makes them look like those of another machine. */
const elsewhere = { 'x-forwarded-for': '192.168.1.7' };
const token = 'operator-token-of-thirty-two-letters';
const viewerToken = 'viewer-token-of-thirty-two-letters-x';
const running: RunningServer[] = [];
afterEach(async () => {
  for (const server of running.splice(0)) await server.stop();
});

async function start() {
  const made = fixture({ config: configSchema.parse({ http: { host: '0.0.0.0', token, viewerToken } }) });
  const server = await serveApp(made.app, { host: '0.0.0.0', port: 0, log: silentLog });
  running.push(server);
  const address = `http://127.0.0.1:${server.port}`;
  const login = async () => {
    const response = await fetch(`${address}/api/v1/session`, {
      method: 'POST',
      body: JSON.stringify({ password: viewerToken }),
      headers: { ...elsewhere, 'content-type': 'application/json' },
    });
    return response.headers.get('set-cookie')!.split(';')[0]!;
  };
  const logout = (cookie: string) =>
    fetch(`${address}/api/v1/session`, { method: 'DELETE', headers: { ...elsewhere, cookie, 'x-mien': '1' } });
  return { ...made, address, login, logout };
}

function open(address: string, headers: Record<string, string>): WebSocket {
  const socket = new WebSocket(`${address.replace('http', 'ws')}/live`, { headers: { ...elsewhere, ...headers } });
  socket.on('error', () => undefined);
  return socket;
}

async function stream(address: string, headers: Record<string, string>): Promise<IncomingMessage> {
  const request = get(`${address}/stream.mjpeg`, { headers: { ...elsewhere, ...headers } });
  request.on('error', () => undefined);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.on('error', () => undefined).resume();
  return response;
}

describe('streams', () => {
  test.each([
    ['without anything', {}, 401],
    ['with a wrong token', { authorization: 'Bearer wrong' }, 401],
    ['with an unknown session', { cookie: `mien-session=${'A'.repeat(43)}` }, 401],
    ['from a page of another origin', { authorization: `Bearer ${token}`, origin: 'http://evil.example' }, 403],
    ['by another host name', { authorization: `Bearer ${token}`, host: 'evil.example' }, 403],
  ])('are refused %s, before anything is encoded', async (_what, headers, status) => {
    const { address, live } = await start();
    const socket = open(address, headers);
    const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
    expect(response.statusCode).toBe(status);
    expect((await stream(address, headers)).statusCode).toBe(status);
    expect(live.subscribers('plain') + live.subscribers('annotated')).toBe(0);
  });

  test('end at the logout of their session; the streams of others continue', async () => {
    const { address, live, login, logout } = await start();
    const [mine, other] = [await login(), await login()];
    const socket = open(address, { cookie: mine });
    const othersSocket = open(address, { cookie: other });
    await Promise.all([once(socket, 'open'), once(othersSocket, 'open')]);
    const motion = await stream(address, { cookie: mine });
    const byToken = await stream(address, { authorization: `Bearer ${viewerToken}` });
    await eventually(() => live.subscribers('plain') === 2 && live.subscribers('annotated') === 2, 'all four watch');

    expect((await logout(mine)).status).toBe(204);
    await eventually(() => socket.readyState === WebSocket.CLOSED && motion.closed, 'both of mine end');
    await eventually(() => live.subscribers('plain') === 1 && live.subscribers('annotated') === 1, 'the others stay');
    live.emit(numberedFrame(1));
    expect(othersSocket.readyState).toBe(WebSocket.OPEN);
    expect(byToken.closed).toBe(false);
    othersSocket.terminate();
    byToken.destroy();
  });

  test('an idle connection is not closed with the session', async () => {
    const { address, login, logout } = await start();
    const cookie = await login();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const ask = async (headers: Record<string, string>) => {
      const [response] = (await once(get(`${address}/api/v1/state`, { agent, headers }), 'response')) as [
        IncomingMessage,
      ];
      const port = response.socket.localPort;
      response.resume();
      await once(response, 'end');
      return { status: response.statusCode, port };
    };
    const before = await ask({ ...elsewhere, cookie });
    await logout(cookie);
    const after = await ask({ ...elsewhere, cookie });
    expect([before.status, after.status]).toEqual([200, 401]);
    expect(after.port).toBe(before.port);
    agent.destroy();
  });
});
