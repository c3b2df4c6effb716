import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { exitCode } from '../core/errors.ts';
import { cv } from '../core/opencv.ts';
import { turnedJpeg } from '../lab/fixtures/hostile-pictures.ts';
import { greyPicture, shadeOf } from '../lab/fixtures/pictures.ts';
import { JpegScanner } from './jpeg-scanner.ts';
import { openSource } from './open.ts';
import type { SourceOptions } from './source.ts';

const options: SourceOptions = { width: 640, height: 480, fps: 30, loop: false, pace: 'source', stallMs: 20_000 };
const { signal } = new AbortController();
const shades = [40, 80, 120, 160, 200];
const pictures = shades.map((shade) => cv.imencode('.jpg', greyPicture(shade, 64, 48)));
const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** Starts a camera and returns its address. */
async function camera(
  answer: (request: IncomingMessage, response: ServerResponse) => Promise<void> | void,
): Promise<string> {
  const server = createServer((request, response) => {
    Promise.resolve(answer(request, response)).catch((error: Error) => response.destroy(error));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const multipart = { 'Content-Type': 'multipart/x-mixed-replace; boundary=frame' };
const withoutEnd = (jpeg: Buffer) => jpeg.subarray(0, -2);

interface Parts {
  readonly head?: string;
  readonly kind?: string;
  readonly hasLength?: boolean;
  readonly change?: (jpeg: Buffer) => Buffer;
}

/** A camera that sends all pictures, slowly enough that none is dropped, and then ends. */
function streaming({ head = '--frame\r\n', kind = 'image/jpeg', hasLength = true, change = (jpeg) => jpeg }: Parts) {
  return camera(async (_, response) => {
    response.writeHead(200, multipart).write(head || ' ');
    for (const picture of pictures) {
      const sent = change(picture);
      const length = hasLength ? `Content-Length: ${sent.length}\r\n` : '';
      response.write(`Content-Type: ${kind}\r\n${length}\r\n`);
      response.write(sent);
      response.write('\r\n--frame\r\n');
      await wait(60);
    }
    response.end();
  });
}

async function shadesOf(address: string, more: Partial<SourceOptions> = {}): Promise<number[]> {
  const source = await openSource(address, { ...options, ...more });
  const seen: number[] = [];
  for (let frame = await source.read(signal); frame; frame = await source.read(signal)) {
    seen.push(Math.round(shadeOf(frame.mat) / 10) * 10);
    frame.mat.release();
  }
  source.close();
  return seen;
}

test.each<[string, Parts]>([
  ['as it should be', {}],
  ['without a first boundary', { head: '' }],
  ['with a preamble', { head: 'A stream follows\r\n\r\n--frame\r\n' }],
  ['with parts that are image/jpg', { kind: 'image/jpg' }],
  ['without lengths', { hasLength: false }],
  ['without end markers', { change: withoutEnd }],
  ['without end markers and lengths', { change: withoutEnd, hasLength: false }],
  ['with a preview in EXIF', { change: (jpeg) => withPreview(jpeg) }],
])('a stream %s is read to its end', async (_how, parts) => {
  const seen = await shadesOf(await streaming(parts));
  // A reader on a busy machine may miss one.
  expect(seen.length).toBeGreaterThan(2);
  expect(shades).toEqual(expect.arrayContaining(seen));
  expect(seen).toEqual([...seen].sort((a, b) => a - b));
  expect(seen.at(-1)).toBe(200);
});

/** A JPEG that contains a small JPEG, with its own end marker, in its segments. */
function withPreview(jpeg: Buffer): Buffer {
  const preview = cv.imencode('.jpg', greyPicture(10, 16, 16));
  const head = Buffer.from([0xff, 0xe1, 0, 0]);
  head.writeUInt16BE(preview.length + 2, 2);
  return Buffer.concat([jpeg.subarray(0, 2), head, preview, jpeg.subarray(2)]);
}

test("the camera's bytes are passed on, and turned pictures are turned upright", async () => {
  const source = await openSource(await streaming({ change: (jpeg) => turnedJpeg(jpeg, 6) }), {
    ...options,
    targetWidth: () => 16,
  });
  expect(source.info).toMatchObject({ width: 48, height: 64, live: true });
  const { mat, jpeg } = (await source.read(signal))!;
  expect([mat.cols * jpeg!.scale, mat.rows * jpeg!.scale, jpeg!.isTurned]).toEqual([48, 64, true]);
  source.close();
});

test('the first picture may take up to stallMs', async () => {
  const address = await camera(async (_, response) => {
    response.writeHead(200, multipart).write('--frame\r\n');
    await wait(1500);
    response.write(pictures[0]);
  });
  await expect(openSource(address, { ...options, stallMs: 500 })).rejects.toMatchObject({
    code: exitCode.unavailable,
    message: `No picture from ${address} for 0.5 s`,
    remedy: expect.stringContaining('camera.stallMs'),
  });
  const source = await openSource(address, options);
  expect(source.info).toMatchObject({ width: 64, height: 48 });
  source.close();
});

test('a stream may last longer than stallMs as long as each picture arrives within it', async () => {
  const address = await camera(async (_, response) => {
    response.writeHead(200, multipart);
    for (const picture of pictures) {
      response.write(picture);
      await wait(400);
    }
    response.end();
  });
  expect((await shadesOf(address, { stallMs: 1500 })).at(-1)).toBe(200);
});

test('an address of a single picture is requested repeatedly', async () => {
  let asked = 0;
  const address = await camera((_, response) => {
    const jpeg = pictures[asked++ % pictures.length]!;
    response.writeHead(200, { 'Content-Type': 'image/jpeg', 'Content-Length': jpeg.length }).end(jpeg);
  });
  const source = await openSource(`${address}/snapshot`, { ...options, fps: 20 });
  const seen = [];
  for (let count = 0; count < 4; count++) seen.push(Math.round(shadeOf((await source.read(signal))!.mat) / 10) * 10);
  source.close();
  expect(source.info.fps).toBe(5);
  expect(seen).toEqual([40, 80, 120, 160]);
});

test.each<[string, (response: ServerResponse) => void, string]>([
  [
    '401',
    (r) => r.writeHead(401, { 'WWW-Authenticate': 'Basic realm="c"' }).end(),
    'it requires user and password, status 401',
  ],
  ['403', (r) => r.writeHead(403).end(), 'it does not allow that, status 403'],
  ['404', (r) => r.writeHead(404).end(), 'there is nothing at this path, status 404'],
  ['503', (r) => r.writeHead(503).end(), 'it answers with status 503'],
  [
    'HTML',
    (r) => r.writeHead(200, { 'Content-Type': 'text/html' }).end('<html>'),
    'it answers with a web page, text/html',
  ],
  ['nothing', (r) => r.writeHead(200, { 'Content-Type': 'image/jpeg' }).end(), 'no picture was in its answer'],
  [
    'a redirect elsewhere',
    (r) => r.writeHead(302, { Location: 'http://192.0.2.1/x' }).end(),
    'it redirects to http://192.0.2.1',
  ],
])('an answer with %s is named in the error', async (_what, answer, why) => {
  const address = await camera((_, response) => answer(response));
  await expect(openSource(address, options)).rejects.toMatchObject({
    code: exitCode.unavailable,
    message: `No video from ${address} (${why})`,
  });
});

test('a redirect on the same camera is followed', async () => {
  const address = await camera((request, response) => {
    if (request.url === '/') return void response.writeHead(302, { Location: '/cam.jpg' }).end();
    response.writeHead(200, { 'Content-Type': 'image/jpeg' }).end(pictures[0]);
  });
  const source = await openSource(address, options);
  expect(source.info.width).toBe(64);
  source.close();
});

const realm = 'camera';
const md5 = (text: string) => createHash('md5').update(text).digest('hex');

test.each([
  ['Basic', 'Basic realm="camera"', (sent: string) => sent === `Basic ${Buffer.from('jo:p@ss').toString('base64')}`],
  [
    'Digest',
    'Digest realm="camera", nonce="n1", qop="auth", opaque="o"',
    (sent: string) => {
      const field = (name: string) => new RegExp(`\\b${name}="?([^",]+)`).exec(sent)?.[1];
      const ha1 = md5(`jo:${realm}:p@ss`);
      const expected = md5(`${ha1}:n1:${field('nc')}:${field('cnonce')}:auth:${md5('GET:/video?x=1')}`);
      return field('response') === expected && !sent.includes('p@ss');
    },
  ],
])('%s: logs in only after a challenge', async (_name, challenge, isRight) => {
  const sent: (string | undefined)[] = [];
  const address = await camera((request, response) => {
    const { authorization } = request.headers;
    sent.push(authorization);
    if (!authorization || !isRight(authorization))
      return void response.writeHead(401, { 'WWW-Authenticate': challenge }).end();
    response.writeHead(200, { 'Content-Type': 'image/jpeg' }).end(pictures[0]);
  });
  const withUser = (user: string) => `${address.replace('://', `://${user}@`)}/video?x=1`;
  const source = await openSource(withUser('jo:p%40ss'), options);
  source.close();
  expect(sent).toEqual([undefined, expect.any(String)]);
  await expect(openSource(withUser('jo:wrong'), options)).rejects.toMatchObject({
    message: expect.stringMatching(/^No video from http:\/\/\*\*\*@.* \(user or password is wrong, status 401\)$/),
  });
});

test('the scanner holds at most one picture, whatever it receives', () => {
  const scanner = new JpegScanner('frame');
  const noise = Buffer.alloc(1_000_000, 0x2d);
  for (let count = 0; count < 5; count++) expect(scanner.add(noise)).toEqual([]);
  const endless = Buffer.concat([withoutEnd(pictures[0]!), Buffer.alloc(1_000_000, 1)]);
  for (let count = 0; count < 40; count++) scanner.add(count === 0 ? endless : Buffer.alloc(1_000_000, 1));
  expect(scanner.rest()?.length ?? 0).toBeLessThan(26_000_000);
  expect(scanner.add(pictures[1]!).at(-1)?.equals(pictures[1]!)).toBe(true);
});

test('byte-by-byte input gives the same pictures', () => {
  const stream = Buffer.concat(
    pictures.flatMap((jpeg) => [Buffer.from('\r\n--frame\r\nA: b\r\n\r\n'), withoutEnd(jpeg)]),
  );
  const scanner = new JpegScanner('--frame');
  const found = [...stream].flatMap((byte) => scanner.add(Buffer.from([byte])));
  expect(found).toEqual(pictures.slice(0, -1));
  expect(scanner.rest()?.equals(withoutEnd(pictures.at(-1)!))).toBe(true);
});

test.each([
  ['auto', ['TCP', 'UDP']],
  ['tcp', ['TCP']],
  ['udp', ['UDP']],
] as const)('RTSP with rtspTransport %s requests %j', async (rtspTransport, expected) => {
  const { Worker } = await import('node:worker_threads');
  // OpenCV blocks this thread while it opens.
  const worker = new Worker(rtspCamera, { eval: true });
  const [port] = (await once(worker, 'message')) as [number];
  await openSource(`rtsp://127.0.0.1:${port}/1`, { ...options, stallMs: 3000, rtspTransport }).catch(() => {});
  worker.postMessage('asked');
  const [asked] = (await once(worker, 'message')) as [string[]];
  await worker.terminate();
  expect([...new Set(asked)]).toEqual(expected);
});

/** Offers one stream and refuses every transport with 461; returns the requested transports. */
const rtspCamera = `
const { createServer } = require('node:net');
const { parentPort } = require('node:worker_threads');
const sdp = 'v=0\\r\\no=- 0 0 IN IP4 127.0.0.1\\r\\ns=x\\r\\nc=IN IP4 0.0.0.0\\r\\nt=0 0\\r\\nm=video 0 RTP/AVP 26\\r\\na=control:track1\\r\\n';
const asked = [];
const server = createServer((socket) => socket.on('error', () => {}).on('data', (bytes) => {
  const text = bytes.toString();
  const seq = /CSeq: (\\d+)/i.exec(text)?.[1] ?? 1;
  const transport = /Transport: RTP\\/AVP(\\/TCP)?/i.exec(text);
  if (transport) asked.push(transport[1] ? 'TCP' : 'UDP');
  const head = (status) => 'RTSP/1.0 ' + status + '\\r\\nCSeq: ' + seq + '\\r\\n';
  if (transport) socket.write(head('461 Unsupported Transport') + '\\r\\n');
  else if (text.startsWith('DESCRIBE')) socket.write(head('200 OK') + 'Content-Type: application/sdp\\r\\nContent-Length: ' + sdp.length + '\\r\\n\\r\\n' + sdp);
  else socket.write(head('200 OK') + 'Public: OPTIONS, DESCRIBE, SETUP, PLAY\\r\\n\\r\\n');
}));
server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
parentPort.on('message', () => parentPort.postMessage(asked));
`;
