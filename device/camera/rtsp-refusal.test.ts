import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { Worker } from 'node:worker_threads';
import { afterEach, expect, test } from 'vitest';
import { exitCode } from '../core/errors.ts';
import { openSource } from './open.ts';
import { explainRtspFailure } from './rtsp-refusal.ts';

const servers: Server[] = [];
const workers: Worker[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) server.close();
  await Promise.all(workers.splice(0).map((worker) => worker.terminate()));
});

/** A camera that answers each request with the result of `answer`; no answer where that is undefined. */
async function camera(answer: (request: string) => string | undefined): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      const text = answer(bytes.toString());
      if (text !== undefined) socket.write(text);
    });
  }).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const said = (status: string, ...headers: string[]) =>
  [`RTSP/1.0 ${status}`, 'CSeq: 1', ...headers, '', ''].join('\r\n');
const digest = 'WWW-Authenticate: Digest realm="cam", nonce="n1"';
const basic = 'WWW-Authenticate: Basic realm="cam"';

/** A camera that accepts only the user viewer with the password `sesame`, by Digest. */
function guarded(request: string): string {
  const given = /response="(\w+)"/.exec(request)?.[1];
  const uri = /uri="([^"]+)"/.exec(request)?.[1];
  const hash = (text: string) => createHash('md5').update(text).digest('hex');
  const expected = hash(`${hash('viewer:cam:sesame')}:n1:${hash(`DESCRIBE:${uri}`)}`);
  return given === expected ? said('200 OK', 'Content-Length: 0') : said('401 Unauthorized', digest, basic);
}

async function reasonFor(port: number, credentials = ''): Promise<{ message: string; remedy: string }> {
  return explainRtspFailure(`rtsp://${credentials}127.0.0.1:${port}/live`, 'rtsp://shown/***', 300);
}

test('a missing and a wrong password are different errors', async () => {
  const port = await camera(guarded);
  expect(await reasonFor(port)).toMatchObject({
    message: 'No video from rtsp://shown/*** (it requires user and password, status 401)',
    remedy: 'Write them into the address: scheme://user:password@host/path',
  });
  expect(await reasonFor(port, 'viewer:wrong@')).toMatchObject({
    message: 'No video from rtsp://shown/*** (user or password is wrong, status 401)',
  });
  expect((await reasonFor(port, 'viewer:sesame@')).message).toContain(
    'it describes a stream, and no picture of it came',
  );
});

test.each([
  ['404 Not Found', 'there is nothing at this path, status 404'],
  ['403 Forbidden', 'it does not allow that, status 403'],
  ['503 Service Unavailable', 'it answers with status 503'],
])('status %s is named in the error', async (status, reason) => {
  const port = await camera(() => said(status));
  expect((await reasonFor(port)).message).toBe(`No video from rtsp://shown/*** (${reason})`);
});

test('a web server, no answer and a closed port are different errors', async () => {
  const web = await camera(() => 'HTTP/1.1 400 Bad Request\r\n\r\n<html>');
  expect((await reasonFor(web)).message).toContain('(what answers there does not speak RTSP)');
  const silent = await camera(() => undefined);
  expect((await reasonFor(silent)).message).toContain('(no answer within 0.3 s)');
  expect((await reasonFor(1)).message).toContain('(nothing answers there, ECONNREFUSED)');
});

test('the error of the source gives the reason without the password, exit code 69', async () => {
  // In its own thread, because OpenCV blocks this one while it connects.
  const worker = new Worker(
    `const { createServer } = require('node:net');
     createServer((socket) => {
       socket.on('error', () => {});
       socket.on('data', (bytes) => {
         const cseq = /CSeq: *(\\d+)/i.exec(bytes)?.[1] ?? 1;
         socket.write('RTSP/1.0 404 Not Found\\r\\nCSeq: ' + cseq + '\\r\\n\\r\\n');
       });
     }).listen(0, '127.0.0.1', function () { require('node:worker_threads').parentPort.postMessage(this.address().port); });`,
    { eval: true },
  );
  workers.push(worker);
  const [port] = (await once(worker, 'message')) as [number];
  const options = { width: 640, height: 480, fps: 25, loop: false, pace: 'max', stallMs: 1000 } as const;
  await expect(openSource(`rtsp://viewer:sesame@127.0.0.1:${port}/live`, options)).rejects.toMatchObject({
    code: exitCode.unavailable,
    message: `No video from rtsp://***@127.0.0.1:${port}/*** (there is nothing at this path, status 404)`,
  });
});
