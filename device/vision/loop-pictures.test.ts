import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { decodePicture } from '../camera/picture.ts';
import { configSchema } from '../config/schema.ts';
import type { Mat } from '../core/opencv.ts';
import type { Reading } from '../core/types.ts';
import { until } from '../lab/fixtures/mien.ts';
import { shadeOf, shadeOfFrame, writeClip } from '../lab/fixtures/pictures.ts';
import { clipOf, pipelineOf, play } from '../lab/fixtures/played-loop.ts';
import { scratchFolder } from '../lab/fixtures/scratch.ts';
import { runVisionLoop } from './loop.ts';
import { Playback } from './playback.ts';
import { StageTimes } from './stage-times.ts';

const scratch = scratchFolder();

test('nothing is encoded without viewers', async () => {
  const watched = { plain: false, annotated: false };
  const { of, stop } = play(clipOf(scratch, 'watched.avi', 3), { camera: { loop: true, pace: 'source' }, watched });
  await until(() => (of('reading').length > 2 ? true : undefined));
  expect(of('reading').every(({ plain, annotated }) => !plain && !annotated)).toBe(true);
  watched.plain = true;
  const { plain, annotated } = await until(() => of('reading').find((message) => message.plain));
  expect(plain).toBeDefined();
  expect(annotated).toBeUndefined();
  watched.plain = false;
  watched.annotated = true;
  await until(() => of('reading').find((message) => message.annotated && !message.plain));
  watched.annotated = false;
  const start = of('reading').length;
  await until(() => (of('reading').length > start + 3 ? true : undefined));
  expect(of('reading').at(-1)).not.toHaveProperty('plain');
  await stop();
});

test('the picture is that of its reading; the annotated one has the box drawn in', async () => {
  const watched = { plain: true, annotated: true };
  const { of, stop } = play(clipOf(scratch, 'pictures.avi', 20), { watched, streamFps: 1e9 });
  await until(() => (of('ended').length > 0 ? true : undefined));
  await stop();
  const shown = of('reading').filter((message) => message.plain && message.annotated);
  expect(shown.length).toBeGreaterThan(10);
  for (const { reading, plain, annotated } of shown) {
    const picture = decode(plain!);
    expect([picture.cols, picture.rows]).toEqual([reading.width, reading.height]);
    expect(Math.abs(shadeOf(picture) - shadeOfFrame(reading.frame))).toBeLessThan(5);
    expect(brightest(decode(annotated!))).toBeGreaterThan(brightest(picture) + 5);
  }
});

test('viewers get the bytes of a JPEG source; reading and annotated picture have their size', async () => {
  const path = join(scratch, 'pass-through.avi');
  writeClip(path, { frames: 6, width: 640, height: 480 });
  const file = readFileSync(path);
  const sizes: number[][] = [];
  const pipeline = pipelineOf((frame) => void sizes.push([frame.cols, frame.rows]));
  const { of, stop } = play(path, { watched: { plain: true, annotated: true }, streamFps: 1e9, pipeline });
  await until(() => (of('ended').length > 0 ? true : undefined));
  await stop();
  const shown = of('reading').filter((message) => message.plain && message.annotated);
  expect(shown.length).toBeGreaterThan(2);
  for (const { reading, plain, annotated } of shown) {
    expect([reading.width, reading.height]).toEqual([640, 480]);
    expect(file.includes(Buffer.from(plain!))).toBe(true);
    const picture = decode(annotated!);
    expect([picture.cols, picture.rows]).toEqual([640, 480]);
    expect(brightest(picture)).toBeGreaterThan(brightest(decode(plain!)) + 5);
  }
  // Detection gets a frame no larger than it needs.
  expect(sizes).toContainEqual([320, 240]);
  expect(new Set(sizes.map(String)).size).toBe(1);
});

test('a slow viewer gets fewer pictures and every reading', async () => {
  const held: (() => void)[] = [];
  const readings: Reading[] = [];
  let pictures = 0;
  const stopping = new AbortController();
  const { camera, detect, classify, track } = configSchema.parse({});
  const source = clipOf(scratch, 'slow-viewer.avi', 10);
  const rest = { detect, classify, track, modelsDir: '/models', jpegQuality: 90, streamFps: 1e9 };
  const loop = runVisionLoop(
    {
      playback: new Playback({ camera: { ...camera, source, loop: false, pace: 'max' }, ...rest }),
      times: new StageTimes(),
      pipeline: pipelineOf(),
      watched: { plain: true, annotated: false },
      limit: { fps: Number.POSITIVE_INFINITY },
      send(message) {
        if (message.type === 'ended') stopping.abort();
        if (message.type !== 'reading') return Promise.resolve();
        readings.push(message.reading);
        if (!message.plain) return Promise.resolve();
        pictures += 1;
        // The first picture is never taken.
        return new Promise((resolve) => held.push(resolve));
      },
    },
    stopping.signal,
  );
  await loop;
  expect(readings).toHaveLength(10);
  expect(pictures).toBe(1);
  for (const take of held) take();
});

function decode(jpeg: Uint8Array): Mat {
  return decodePicture(Buffer.from(jpeg), 'picture');
}

function brightest(picture: Mat): number {
  return picture.getData().reduce((most, value) => Math.max(most, value), 0);
}
