import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { wait } from '../core/clock.ts';
import { exitCode } from '../core/errors.ts';
import { cv, type VideoCapture } from '../core/opencv.ts';
import { shadeOf, shadeOfFrame, writeClip } from '../lab/fixtures/pictures.ts';
import { scratchFolder } from '../lab/fixtures/scratch.ts';
import { demoClip, openSource } from './open.ts';
import type { FrameSource, SourceOptions } from './source.ts';

const folder = scratchFolder();
const options: SourceOptions = { width: 640, height: 480, fps: 30, loop: false, pace: 'max' };
const { signal } = new AbortController();

function clipOf(name: string, frames: number, fps = 30): string {
  const path = join(folder, name);
  writeClip(path, { frames, fps });
  return path;
}

interface Seen {
  readonly index: number;
  readonly t: number;
  readonly shade: number;
}

async function readAll(source: FrameSource, most = Number.POSITIVE_INFINITY, work?: () => Promise<void>) {
  const seen: Seen[] = [];
  while (seen.length < most) {
    const frame = await source.read(signal);
    if (!frame) break;
    seen.push({ index: frame.index, t: frame.t, shade: shadeOf(frame.mat) });
    frame.mat.release();
    await work?.();
  }
  source.close();
  return seen;
}

/** Checks that frames are in order, each shows the picture of its number, and times increase. */
function expectInOrder(seen: readonly Seen[], framesInFile: number): void {
  for (const [at, { index, t, shade }] of seen.entries()) {
    expect(Math.abs(shade - shadeOfFrame(index % framesInFile))).toBeLessThan(4);
    if (at === 0) continue;
    expect(index).toBeGreaterThan(seen[at - 1]!.index);
    expect(t).toBeGreaterThan(seen[at - 1]!.t);
  }
}

test.each(['all.avi', 'all.mkv'])('every frame of %s is read, in order, with its own time', async (name) => {
  const source = await openSource(clipOf(name, 24, 12), options);
  expect(source.info).toMatchObject({ width: 64, height: 48, fps: 12, live: false, frameCount: 24 });
  const seen = await readAll(source);
  expect(seen.map(({ index }) => index)).toEqual(Array.from({ length: 24 }, (_, index) => index));
  expectInOrder(seen, 24);
  expect(seen[23]!.t).toBeCloseTo(23 / 12, 1);
});

test('at full pace a late reader gets every frame too', async () => {
  const seen = await readAll(await openSource(clipOf('late-max.avi', 12), options), 99, () => wait(50));
  expect(seen.map(({ index }) => index)).toEqual(Array.from({ length: 12 }, (_, index) => index));
});

test('at the pace of the source a late reader gets the newest frame, including the last one', async () => {
  const clip = clipOf('late.avi', 30);
  const seen = await readAll(await openSource(clip, { ...options, pace: 'source' }), 99, () => wait(120));
  expectInOrder(seen, 30);
  expect(seen.length).toBeLessThan(30);
  expect(seen.at(-1)!.index).toBe(29);
});

test('a recording that plays faster than it can be decoded still delivers frames', async () => {
  const path = join(folder, 'too-fast.avi');
  // One millisecond per frame: too short to decode a frame of this size on any machine.
  writeClip(path, { frames: 12, fps: 1000, width: 3840, height: 2160 });
  const seen = await readAll(await openSource(path, { ...options, loop: true, pace: 'source' }), 3);
  expect(seen).toHaveLength(3);
  expect(seen[2]!.index).toBeGreaterThan(2);
});

test('a loop continues the count of frames and seconds', async () => {
  const seen = await readAll(await openSource(clipOf('loop.avi', 5), { ...options, loop: true }), 13);
  expect(seen.map(({ index }) => index)).toEqual(Array.from({ length: 13 }, (_, index) => index));
  expectInOrder(seen, 5);
  expect(seen[12]!.t).toBeCloseTo(12 / 30, 2);
});

const enough = { ...options, targetWidth: () => 320 };

test('a Motion JPEG AVI passes on its bytes and is decoded at the target width', async () => {
  const path = join(folder, 'bytes.avi');
  writeClip(path, { frames: 12, width: 640, height: 480 });
  const file = readFileSync(path);
  const source = await openSource(path, enough);
  expect(source.info).toMatchObject({ width: 640, height: 480, fps: 30, frameCount: 12 });
  const indexes: number[] = [];
  for (let frame = await source.read(signal); frame; frame = await source.read(signal)) {
    indexes.push(frame.index);
    expect([frame.mat.cols, frame.mat.rows, frame.jpeg!.scale]).toEqual([320, 240, 2]);
    expect(Math.abs(shadeOf(frame.mat) - shadeOfFrame(frame.index))).toBeLessThan(4);
    expect(frame.t).toBeCloseTo(frame.index / 30, 3);
    expect(file.includes(frame.jpeg!.bytes)).toBe(true);
    frame.mat.release();
  }
  source.close();
  expect(indexes).toEqual(Array.from({ length: 12 }, (_, index) => index));
});

test('with undecoded frames a late reader gets the newest one, and a loop continues', async () => {
  const clip = clipOf('late-bytes.avi', 30);
  const late = await readAll(await openSource(clip, { ...enough, pace: 'source' }), 99, () => wait(120));
  expectInOrder(late, 30);
  expect(late.length).toBeLessThan(30);
  const looped = await readAll(await openSource(clip, { ...enough, loop: true }), 70);
  expect(looped.map(({ index }) => index)).toEqual(Array.from({ length: 70 }, (_, index) => index));
  expectInOrder(looped, 30);
});

test("a jump of an hour in a recording's time is skipped", async () => {
  const source = await openSource(clipOf('joined.mkv', 6, 5), { ...options, pace: 'source' });
  const get = cv.VideoCapture.prototype.get;
  let asked = 0;
  const leaping = vi.spyOn(cv.VideoCapture.prototype, 'get').mockImplementation(function (
    this: VideoCapture,
    property,
  ) {
    const value = get.call(this, property);
    return property === cv.CAP_PROP_POS_MSEC && ++asked > 3 ? value + 3_600_000 : value;
  });
  const seen = await readAll(source).finally(() => leaping.mockRestore());
  expect(seen.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5]);
  expect(seen[5]!.t).toBeGreaterThan(3600);
});

test('a damaged frame of an AVI is skipped', async () => {
  const path = clipOf('damaged.avi', 6);
  const bytes = readFileSync(path);
  let at = 0;
  // The start of the third picture.
  for (let found = 0; found < 3; found++) at = bytes.indexOf(Buffer.from('ffd8ff', 'hex'), at + 1);
  bytes.fill(0, at, at + 20);
  writeFileSync(path, bytes);
  const seen = await readAll(await openSource(path, enough));
  expect(seen.map(({ index }) => index)).toEqual([0, 1, 3, 4, 5]);
  expectInOrder(seen, 6);
});

test('recordings with their own times are read as decoded frames', async () => {
  const source = await openSource(clipOf('times.mkv', 3), enough);
  expect(await source.read(signal)).not.toHaveProperty('jpeg');
  source.close();
});

test('an abort signal ends the wait for a frame', async () => {
  const stop = new AbortController();
  const source = await openSource(clipOf('slow.avi', 5, 0.01), { ...options, pace: 'source' });
  await source.read(stop.signal);
  const second = source.read(stop.signal);
  stop.abort();
  expect(await second).toMatchObject({ index: 1 });
  source.close();
});

test('a looping recording that is removed fails with that reason', async () => {
  const path = clipOf('gone.avi', 2);
  const source = await openSource(path, { ...options, loop: true });
  await source.read(signal);
  await source.read(signal);
  rmSync(path);
  await expect(source.read(signal)).rejects.toMatchObject({
    name: 'MienError',
    code: exitCode.noInput,
    message: `The recording ${path} is gone`,
  });
  source.close();
});

test('the built-in clip has its 384 frames of 640x480', async () => {
  const source = await openSource('demo', options);
  expect(source.info).toMatchObject({ width: 640, height: 480, fps: 24, frameCount: 384 });
  expect(await readAll(source, 5)).toHaveLength(5);
});

test.each([
  ['empty.mp4', () => '', 'it is empty'],
  ['text.mp4', () => 'This is no recording.\n'.repeat(100), 'no decoder knows its format'],
  // Its index is at the end, with everything that a decoder needs.
  ['half.mp4', () => readFileSync(demoClip).subarray(0, 200_000), 'no decoder knows its format'],
  ['header.avi', () => headerOf(clipOf('whole.avi', 10)), 'it has no frame that can be decoded'],
])('%s is not a video, with exit code 65', async (name, bytes, why) => {
  const path = join(folder, name);
  writeFileSync(path, bytes());
  await expect(openSource(path, options)).rejects.toMatchObject({
    name: 'MienError',
    code: exitCode.badData,
    message: `Not a video: ${path} (expected a recording such as .mp4, .mkv or .avi; ${why})`,
    remedy: 'Check the file with another player, or convert it, for example to H.264 in .mp4',
  });
});

/** The bytes of an AVI before its first frame. */
function headerOf(path: string): Buffer {
  const bytes = readFileSync(path);
  return bytes.subarray(0, bytes.indexOf('movi') + 4);
}

test('the remaining frames of a truncated recording are read, and it is marked as cut short', async () => {
  const whole = join(folder, 'to-cut.avi');
  writeClip(whole, { frames: 20, width: 320, height: 240 });
  const bytes = readFileSync(whole);
  const path = join(folder, 'cut.avi');
  writeFileSync(path, bytes.subarray(0, bytes.length / 2));
  const source = await openSource(path, options);
  const seen = await readAll(source);
  expectInOrder(seen, 20);
  expect(seen.length).toBeGreaterThan(4);
  expect(seen.length).toBeLessThan(15);
  expect(source.info.frameCount).toBe(20);
});

test('a missing path fails with the possible kinds of source, exit code 66', async () => {
  await expect(openSource(join(folder, 'nothing.mp4'), options)).rejects.toMatchObject({
    name: 'MienError',
    code: exitCode.noInput,
    message: `No such source: ${join(folder, 'nothing.mp4')} (expected a camera, a video file, a picture, a folder of images or a URL)`,
    remedy: 'Check the path, or list the cameras with: mien devices',
  });
});
