import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { exitCode } from '../core/errors.ts';
import { cv } from '../core/opencv.ts';
import { greyPicture, shadeOf } from '../lab/fixtures/pictures.ts';
import { scratchFolder } from '../lab/fixtures/scratch.ts';
import { openSource } from './open.ts';

const folder = scratchFolder();
const options = { width: 640, height: 480, fps: 25, loop: false, pace: 'max' } as const;
const { signal } = new AbortController();
const children: ChildProcess[] = [];
afterAll(() => {
  for (const child of children) child.kill();
});

/**
 * A server in its own process, because a call to OpenCV blocks this one. Sends pictures at a fixed interval, then ends.
 */
const server = `
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
const [folder, count, interval] = process.argv.slice(2);
createServer(async (request, response) => {
  if (request.url === '/page') return response.end('<html>no stream</html>');
  response.writeHead(200, { 'Content-Type': 'multipart/x-mixed-replace; boundary=frame' });
  for (let i = 0; i < Number(count); i++) {
    const jpeg = readFileSync(folder + '/' + (i % 20) + '.jpg');
    response.write('--frame\\r\\nContent-Type: image/jpeg\\r\\nContent-Length: ' + jpeg.length + '\\r\\n\\r\\n');
    response.write(jpeg);
    response.write('\\r\\n');
    await new Promise((resolve) => setTimeout(resolve, Number(interval)));
  }
  response.end('--frame--\\r\\n');
}).listen(0, '127.0.0.1', function () { process.stdout.write(this.address().port + '\\n'); });
`;

const shade = (index: number) => 20 + 10 * (index % 20);
for (let index = 0; index < 20; index++) {
  cv.imwrite(join(folder, `${index}.jpg`), greyPicture(shade(index), 64, 48));
}
writeFileSync(join(folder, 'server.mjs'), server);

async function serve(count: number, intervalMs: number): Promise<string> {
  const child = spawn(process.execPath, [join(folder, 'server.mjs'), folder, String(count), String(intervalMs)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const [port] = (await once(child.stdout!, 'data')) as [Buffer];
  return `http://127.0.0.1:${port.toString().trim()}`;
}

test('a stream over HTTP is read in order until it ends', async () => {
  const url = await serve(20, 20);
  const source = await openSource(`${url}/stream.mjpeg`, options);
  expect(source.info).toMatchObject({ description: `stream ${url}/***`, width: 64, height: 48, live: true });
  const shades: number[] = [];
  let lastIndex = -1;
  for (let frame = await source.read(signal); frame; frame = await source.read(signal)) {
    expect(frame.index).toBeGreaterThan(lastIndex);
    lastIndex = frame.index;
    shades.push(Math.round(shadeOf(frame.mat) / 10) * 10);
    frame.mat.release();
  }
  source.close();
  expect(shades.length).toBeGreaterThan(2);
  expect(shades).toEqual([...new Set(shades)].sort((a, b) => a - b));
  expect(shades.at(-1)).toBe(shade(19));
});

test("a Motion JPEG stream passes on the camera's bytes unchanged", async () => {
  const sent = Array.from({ length: 20 }, (_, index) => readFileSync(join(folder, `${index}.jpg`)));
  const source = await openSource(`${await serve(20, 20)}/stream.mjpeg`, { ...options, targetWidth: () => 32 });
  expect(source.info).toMatchObject({ width: 64, height: 48 });
  const got: number[] = [];
  for (let frame = await source.read(signal); frame; frame = await source.read(signal)) {
    const { mat, jpeg } = frame;
    expect([mat.cols, mat.rows, jpeg!.scale]).toEqual([32, 24, 2]);
    got.push(sent.findIndex((bytes) => bytes.equals(jpeg!.bytes)));
    mat.release();
  }
  source.close();
  expect(got.length).toBeGreaterThan(2);
  expect(got).toEqual([...new Set(got)].sort((a, b) => a - b));
  expect(got[0]).toBeGreaterThanOrEqual(0);
  expect(got.at(-1)).toBe(19);
});

test('a late reader loses no picture of a stream that is slower than its reported rate', async () => {
  // 300 ms between pictures and a reader that takes 150 ms: no picture is ever late.
  const source = await openSource(`${await serve(8, 300)}/stream.mjpeg`, options);
  const indexes: number[] = [];
  for (let frame = await source.read(signal); frame; frame = await source.read(signal)) {
    indexes.push(frame.index);
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
  source.close();
  // FFmpeg buffers the first few while it analyses the stream. Those are late and may be dropped.
  const dropped = indexes.at(-1)! + 1 - indexes.length;
  expect(indexes.length).toBeGreaterThan(2);
  expect(dropped).toBeLessThan(3);
});

test('without an answer the error names the masked address, exit code 69', async () => {
  const fault = await openSource('http://viewer:sesame@127.0.0.1:1/stream', options).catch((error: unknown) => error);
  expect(fault).toMatchObject({
    name: 'MienError',
    code: exitCode.unavailable,
    message: 'No video from http://***@127.0.0.1:1/*** (nothing answers there, ECONNREFUSED)',
    remedy: 'Check address, user and password of the stream, for example with: ffprobe URL',
  });
});

test('a web page is refused as no video, exit code 69', async () => {
  await expect(openSource(`${await serve(0, 0)}/page`, options)).rejects.toMatchObject({
    name: 'MienError',
    code: exitCode.unavailable,
    message: expect.stringMatching(/^No video from http:\/\/127\.0\.0\.1:\d+\/\*\*\* /),
  });
});

test.each([
  ['http://', 'http://'],
  // None of these addresses can be parsed; each contains a password.
  ['rtsp://admin:sesa/me@127.0.0.1/1', 'rtsp://***'],
  ['http://admin:sesa#me@127.0.0.1/1', 'http://***'],
  ['ftp://admin:sesame@127.0.0.1/1', 'ftp://***@127.0.0.1/***'],
])('%s is refused as no stream address, without its password, exit code 64', async (url, shown) => {
  await expect(openSource(url, options)).rejects.toMatchObject({
    name: 'MienError',
    code: exitCode.usage,
    message: `Not an address of a stream: "${shown}" (expected rtsp://host/path or http://host/path)`,
  });
});

test.each([
  ['HTTP://127.0.0.1:1/v.cgi?user=admin&pwd=sesame', 'HTTP://127.0.0.1:1/***'],
  ['http://127.0.0.1:1#sesame@127.0.0.1:1/v', 'http://***'],
])('the error for a valid address is masked too: %s', async (url, shown) => {
  const fault = (await openSource(url, options).catch((error: unknown) => error)) as Error;
  expect(fault.message).toBe(`No video from ${shown} (nothing answers there, ECONNREFUSED)`);
});
