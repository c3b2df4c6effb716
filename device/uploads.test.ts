/** Hostile uploads to the built daemon: each gets an answer, and the live picture continues. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { demoClip } from './camera/source-spec.ts';
import { cv } from './core/opencv.ts';
import { form, goodPicture, hostileUploads, turnedJpeg } from './lab/fixtures/hostile-pictures.ts';
import { Mien, until } from './lab/fixtures/mien.ts';
import { scratchFolder } from './lab/fixtures/scratch.ts';

const settings = {
  'camera.source': 'demo',
  // Enough to see that the live picture continues.
  'camera.fps': 10,
  'mqtt.enabled': false,
  dataDir: join(scratchFolder(), 'data'),
  'http.port': 0,
};
let mien: Mien;
let url: string;
let frames = 0;
let page: WebSocket;

beforeAll(async () => {
  mien = new Mien(['run', ...Object.entries(settings).flatMap(([path, value]) => ['--set', `${path}=${value}`])]);
  url = await mien.url();
  page = new WebSocket(`${url.replace('http', 'ws')}/live`);
  page.on('message', (_data, isBinary) => {
    frames += isBinary ? 1 : 0;
  });
  await until(() => frames > 5 || undefined);
}, 120_000);
afterAll(async () => {
  page.terminate();
  await mien.stop();
});

async function classify(body: Buffer, type: string, headers: Readonly<Record<string, string>> = {}) {
  const response = await fetch(`${url}/api/v1/classify`, {
    method: 'POST',
    body: new Uint8Array(body),
    headers: { 'content-type': type, ...headers },
  });
  const answer = (await response.json()) as {
    width: number;
    height: number;
    detail: string;
    faces: { label: string; box: { width: number }; probabilities: Record<string, number> }[];
  };
  return { status: response.status, type: response.headers.get('content-type'), answer };
}

/** A frame of the built-in clip with a face in it. */
function portrait(): Buffer {
  const clip = new cv.VideoCapture(demoClip);
  for (let skipped = 0; skipped < 60; skipped += 1) clip.read().release();
  const picture = clip.read();
  const bytes = cv.imencode('.jpg', picture);
  picture.release();
  clip.release();
  return bytes;
}

describe('POST /api/v1/classify', () => {
  test('finds faces and expressions in a body and in a form, in each format', async () => {
    const jpeg = portrait();
    const { status, answer } = await classify(jpeg, 'image/jpeg');
    expect(status).toBe(200);
    expect(answer).toMatchObject({ width: 640, height: 480 });
    const [face] = answer.faces;
    expect(face!.box.width).toBeGreaterThan(20);
    expect(Object.values(face!.probabilities).reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 3);
    const { body, type } = form('', 'image', jpeg);
    expect((await classify(body, type)).answer.faces).toEqual(answer.faces);
    for (const extension of ['.png', '.webp', '.bmp'] as const) {
      expect(await classify(goodPicture(extension), `image/${extension.slice(1)}`)).toMatchObject({
        status: 200,
        answer: { width: 320, height: 240, faces: [] },
      });
    }
  }, 120_000);

  test('a picture is rotated by its EXIF data before detection; wrong EXIF data do no harm', async () => {
    const jpeg = goodPicture('.jpg');
    expect((await classify(turnedJpeg(jpeg, 6), 'image/jpeg')).answer).toMatchObject({ width: 240, height: 320 });
    expect((await classify(turnedJpeg(jpeg, 3), 'image/jpeg')).answer).toMatchObject({ width: 320, height: 240 });
    expect((await classify(turnedJpeg(jpeg, 77), 'image/jpeg')).status).toBe(200);
  }, 120_000);

  test('each hostile upload gets a 4xx with a reason, and the live picture continues', async () => {
    const uploads = hostileUploads();
    expect(uploads.length).toBeGreaterThanOrEqual(50);
    const before = { frames, at: performance.now() };
    for (const { name, body, type, headers } of uploads) {
      const { status, type: answerType, answer } = await classify(body, type, headers);
      expect([name, status >= 400 && status < 500, answerType]).toEqual([name, true, 'application/problem+json']);
      expect(answer.detail, name).toMatch(/\S{4}/);
      expect(answer.detail, name).not.toMatch(/[\n\r]|\/(home|tmp|work|usr)\//);
    }
    const rate = (1000 * (frames - before.frames)) / (performance.now() - before.at);
    console.info(`${uploads.length} hostile uploads; the live picture meanwhile: ${rate.toFixed(1)} frames/s`);
    const seen = frames;
    await until(() => frames > seen || undefined);
    const { state } = (await (await fetch(`${url}/api/v1/state`)).json()) as {
      state: { vision: { restarts: number } };
    };
    expect(state.vision.restarts).toBe(0);
    // The next valid picture is classified.
    expect((await classify(goodPicture('.jpg'), 'image/jpeg')).status).toBe(200);
  }, 180_000);

  test('a body that is too large gets a 413, and the connection stays open while the client still sends', async () => {
    const body = Buffer.alloc(12_000_000);
    // When the connection was closed too early, one request in fifteen ended with EPIPE.
    for (let sent = 0; sent < 60; sent += 1) {
      expect(await classify(body, 'image/jpeg')).toMatchObject({ status: 413, answer: { title: 'Body too large' } });
    }
  }, 120_000);
});
