import { once } from 'node:events';
import { copyFileSync, writeFileSync } from 'node:fs';
import { get as getPlain, type IncomingMessage, type RequestOptions } from 'node:http';
import { get as getSecure } from 'node:https';
import { connect } from 'node:net';
import { join } from 'node:path';
import { connect as connectSecure } from 'node:tls';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { makeSelfSigned } from '../../cli/access/self-signed.ts';
import { configSchema } from '../../config/schema.ts';
import { exitCode } from '../../core/errors.ts';
import { eventually, fixture, numberedFrame, silentLog } from '../../lab/fixtures/http-fixture.ts';
import { heardLog } from '../../lab/fixtures/log.ts';
import { scratchFolder } from '../../lab/fixtures/scratch.ts';
import { readCertificate } from './certificate.ts';
import { type RunningServer, type ServeOptions, serveApp } from './serve.ts';

const folder = scratchFolder();
const cert = join(folder, 'cert.pem');
const key = join(folder, 'key.pem');
const token = 'operator-token-of-thirty-two-letters';
const running: RunningServer[] = [];

beforeAll(async () => {
  await makeSelfSigned({ cert, key, names: ['lobby', 'localhost', '127.0.0.1', '::1'], days: 30 });
});
afterEach(async () => {
  for (const server of running.splice(0)) await server.stop();
});

async function start(change: Partial<ServeOptions> = {}) {
  const http = { host: '0.0.0.0', token, tls: { cert, key } };
  const made = fixture({ config: configSchema.parse({ http }) });
  const server = await serveApp(made.app, { host: '127.0.0.1', port: 0, log: silentLog, tls: http.tls, ...change });
  running.push(server);
  return { ...made, port: server.port };
}

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

async function ask(
  get: typeof getPlain | typeof getSecure,
  options: RequestOptions & { ca?: string | Buffer },
): Promise<Answer> {
  const request = get({ host: '127.0.0.1', agent: false, ...options });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of response) text += String(chunk);
  return { status: response.statusCode, headers: response.headers, text };
}

const ca = () => readCertificate({ cert, key }).options.cert as Buffer;
/** The header of a proxy. Here it makes a request look like one of another machine. */
const fromElsewhere = { 'x-forwarded-for': '192.168.1.7' };

describe('one port, two protocols', () => {
  test('HTTPS with a verified certificate, and plain HTTP for the screen of the device', async () => {
    const { port } = await start();
    const secure = await ask(getSecure, { port, ca: ca(), path: '/api/v1/state' });
    expect(secure.status).toBe(200);
    expect((await ask(getPlain, { port, path: '/api/v1/state' })).status).toBe(200);
    await expect(ask(getSecure, { port, path: '/api/v1/state' })).rejects.toThrow('self-signed certificate');
  });

  test('other machines are redirected from HTTP to HTTPS, with path and query', async () => {
    const { port } = await start();
    const visit = await ask(getPlain, { port, path: '/admin?tab=logs', headers: fromElsewhere });
    expect(visit.status).toBe(308);
    expect(visit.headers.location).toBe(`https://127.0.0.1:${port}/admin?tab=logs`);
    const socket = new WebSocket(`ws://127.0.0.1:${port}/live`, { headers: fromElsewhere });
    const [error] = await once(socket, 'error');
    expect(String(error)).toContain('403');
    const posted = await fetch(`http://127.0.0.1:${port}/api/v1/session`, {
      method: 'POST',
      body: '{"password":"secret"}',
      headers: { ...fromElsewhere, 'content-type': 'application/json' },
    });
    expect(posted.status).toBe(403);
    expect(await posted.json()).toMatchObject({
      title: 'Encrypted only',
      detail: 'Expected HTTPS, got HTTP',
      remedy: expect.stringContaining(`https://127.0.0.1:${port}`),
    });
  });

  test('the session cookie is for HTTPS on this host only', async () => {
    const { port } = await start();
    const headers = { ...fromElsewhere, 'content-type': 'application/json' };
    const socket = connectSecure({ host: '127.0.0.1', port, ca: ca() });
    await once(socket, 'secureConnect');
    const body = JSON.stringify({ password: token });
    const lines = Object.entries({
      ...headers,
      host: `localhost:${port}`,
      connection: 'close',
      'content-length': body.length,
    });
    socket.write(
      `POST /api/v1/session HTTP/1.1\r\n${lines.map((line) => line.join(': ')).join('\r\n')}\r\n\r\n${body}`,
    );
    let answer = '';
    for await (const chunk of socket) answer += String(chunk);
    const cookie = /^set-cookie: (.*)$/im.exec(answer)?.[1];
    expect(cookie).toMatch(
      /^__Host-mien-session=[\w-]{43}; Max-Age=2592000; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
    );
    const session = { ...fromElsewhere, cookie: cookie!.split(';')[0]! };
    expect((await ask(getSecure, { port, ca: ca(), path: '/api/v1/state', headers: session })).status).toBe(200);
    // The plain name is ignored, because another server on this host could set it.
    const renamed = { ...fromElsewhere, cookie: session.cookie.replace('__Host-', '') };
    expect((await ask(getSecure, { port, ca: ca(), path: '/api/v1/state', headers: renamed })).status).toBe(401);
  });

  test('the live WebSocket is encrypted too and needs a token', async () => {
    const { port, live } = await start();
    const refused = new WebSocket(`wss://127.0.0.1:${port}/live`, { ca: ca(), headers: fromElsewhere });
    expect(String((await once(refused, 'error'))[0])).toContain('401');
    const authorization = `Bearer ${token}`;
    const socket = new WebSocket(`wss://127.0.0.1:${port}/live`, {
      ca: ca(),
      headers: { ...fromElsewhere, authorization },
    });
    const frames: Buffer[] = [];
    socket.on('message', (data: Buffer, isBinary) => isBinary && frames.push(data));
    await once(socket, 'open');
    await eventually(() => live.subscribers('plain') === 1, 'the viewer subscribes');
    live.emit(numberedFrame(1, 5000));
    await eventually(() => frames.length === 1, 'the frame');
    socket.terminate();
  });

  test('a silent connection, or one with invalid data, is closed', async () => {
    const { port } = await start();
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.end();
    await once(socket, 'close');
    const nonsense = connect(port, '127.0.0.1');
    nonsense.on('error', () => undefined);
    nonsense.write(Buffer.from([0x16, 3, 1, 0, 5, 1, 2, 3, 4, 5]));
    nonsense.resume();
    await once(nonsense, 'close');
    expect((await ask(getPlain, { port, path: '/healthz' })).status).toBe(200);
  });

  test('TLS 1.1 is refused', async () => {
    const { port } = await start();
    const socket = connectSecure({
      host: '127.0.0.1',
      port,
      ca: ca(),
      maxVersion: 'TLSv1.1',
      minVersion: 'TLSv1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    });
    const [error] = await once(socket, 'error');
    expect(String(error)).toMatch(/alert protocol version/);
  });
});

describe('the certificate', () => {
  test('is replaced by a renewed one without a restart, but not by half of a pair', async () => {
    const [movedCert, movedKey] = [join(folder, 'moved-cert.pem'), join(folder, 'moved-key.pem')];
    copyFileSync(cert, movedCert);
    copyFileSync(key, movedKey);
    const log = heardLog();
    const { port } = await start({ tls: { cert: movedCert, key: movedKey }, certificateCheckMs: 20, log });
    const [newCert, newKey] = [join(folder, 'new-cert.pem'), join(folder, 'new-key.pem')];
    await makeSelfSigned({ cert: newCert, key: newKey, names: ['127.0.0.1'], days: 60 });

    copyFileSync(newCert, movedCert);
    await eventually(() => log.lines.some(({ level }) => level === 'error'), 'the fault is logged');
    expect(log.lines.at(-1)?.text).toContain(`http.tls.key: expected the key of ${movedCert}`);
    expect((await ask(getSecure, { port, ca: ca(), path: '/healthz' })).status).toBe(200);

    copyFileSync(newKey, movedKey);
    await eventually(() => log.lines.some(({ text }) => text.includes('new certificate in use')), 'it is in use');
    const renewed = readCertificate({ cert: newCert, key: newKey }).options.cert as Buffer;
    expect((await ask(getSecure, { port, ca: renewed, path: '/healthz' })).status).toBe(200);
    await expect(ask(getSecure, { port, ca: ca(), path: '/healthz' })).rejects.toThrow('self-signed certificate');
  });

  test('is refused at the start if it is invalid, with the expected form', async () => {
    const text = join(folder, 'text.pem');
    writeFileSync(text, 'not a certificate');
    const other = [join(folder, 'other-cert.pem'), join(folder, 'other-key.pem')] as const;
    await makeSelfSigned({ cert: other[0], key: other[1], names: ['other'], days: 1 });
    const refusal = (tls: { cert: string; key: string }) =>
      serveApp(fixture().app, { host: '127.0.0.1', port: 0, log: silentLog, tls }).then(
        () => undefined,
        (error: unknown) => error,
      );
    const missing = join(folder, 'missing.pem');
    for (const [tls, message] of [
      [{ cert: missing, key }, `http.tls.cert: expected a file that can be read, got ${missing}`],
      [{ cert: text, key }, `http.tls.cert: expected a certificate in PEM form, got ${text}`],
      [{ cert, key: text }, `http.tls.key: expected a private key in PEM form without a passphrase, got ${text}`],
      [{ cert, key: other[1] }, `http.tls.key: expected the key of ${cert}, got ${other[1]}`],
    ] as const) {
      expect(await refusal(tls)).toMatchObject({
        code: exitCode.config,
        message: expect.stringContaining(message),
        remedy: expect.stringContaining('mien access certificate'),
      });
    }
  });

  test('shows its names and its end', () => {
    const { expires, names } = readCertificate({ cert, key });
    expect(names).toContain('DNS:lobby');
    expect(names).toContain('IP Address:127.0.0.1');
    expect(expires.getTime()).toBeGreaterThan(Date.now() + 29 * 86_400_000);
  });
});
