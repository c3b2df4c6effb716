import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cv } from '../core/opencv.ts';
import { packageRoot } from '../core/paths.ts';
import { greyPicture, shadeOf, shadeOfFrame, writeClip } from '../lab/fixtures/pictures.ts';
import { scratchFolder } from '../lab/fixtures/scratch.ts';
import { readContainer } from './container.ts';
import { demoClip, openSource } from './open.ts';
import type { SourceOptions } from './source.ts';

const folder = scratchFolder();
const recordings = join(packageRoot, 'device', 'lab', 'fixtures', 'recordings');
const options: SourceOptions = { width: 640, height: 480, fps: 30, loop: false, pace: 'max' };
const { signal } = new AbortController();

async function timesOf(path: string, more: Partial<SourceOptions> = {}): Promise<number[]> {
  const source = await openSource(path, { ...options, ...more });
  const times: number[] = [];
  for (let frame = await source.read(signal); frame; frame = await source.read(signal)) {
    times.push(Math.round(frame.t * 1000) / 1000);
    frame.mat.release();
  }
  source.close();
  return times;
}

/** 12 frames per second, then `slow` per second. */
const slowing = (fast: number, slow: number, rate: number) => [
  ...Array.from({ length: fast }, (_, frame) => frame / 12),
  ...Array.from({ length: slow }, (_, frame) => fast / 12 + frame / rate),
];

test.each([
  ['slowing-down.mkv', slowing(12, 12, 4)],
  // Its first frame has a time of 25 hours.
  ['late-start.mkv', slowing(12, 12, 4)],
  // Its last frames have no time.
  ['b-frames.mp4', slowing(12, 0, 1)],
  ['fragments.mp4', slowing(12, 0, 1)],
])('all frames of %s have their own times, starting at 0', async (name, expected) => {
  const times = await timesOf(join(recordings, name));
  expect(times).toHaveLength(expected.length);
  for (const [frame, t] of times.entries()) expect(t).toBeCloseTo(expected[frame]!, 2);
});

test('left-out pictures of an AVI keep their time slots, also with undecoded frames', async () => {
  const path = join(recordings, 'left-out.avi');
  const times = await timesOf(path);
  expect(times).toHaveLength(12);
  expect(times.at(-1)).toBeCloseTo(16 / 12, 2);
  expect(await timesOf(path, { targetWidth: () => 32 })).toEqual(times);
});

test('raw Motion JPEG has no rate and no times, and plays at the requested rate', async () => {
  const path = join(folder, 'bare.mjpeg');
  const pictures = Array.from({ length: 24 }, (_, frame) => cv.imencode('.jpg', greyPicture(shadeOfFrame(frame))));
  writeFileSync(path, Buffer.concat(pictures));
  const source = await openSource(path, { ...options, fps: 12 });
  expect(source.info.fps).toBe(12);
  for (let index = 0; index < 24; index++) {
    const frame = (await source.read(signal))!;
    expect([frame.index, Math.round(frame.t * 12)]).toEqual([index, index]);
    expect(Math.abs(shadeOf(frame.mat) - shadeOfFrame(index))).toBeLessThan(4);
  }
  source.close();
});

test('the frame count is exact only where the container has counted', () => {
  expect(readContainer(demoClip)).toMatchObject({ frames: 384, isCutShort: false });
  expect(readContainer(join(recordings, 'fragments.mp4')).frames).toBeUndefined();
  expect(readContainer(join(recordings, 'slowing-down.mkv'))).toEqual({ isCutShort: false });
  expect(readContainer(join(recordings, 'left-out.avi'))).toEqual({ isCutShort: false, hasGaps: true });
});

test('frames that were trimmed away are not counted', () => {
  const bytes = readFileSync(join(recordings, 'upright.mp4'));
  const at = bytes.indexOf('tkhd') + 4 + 20;
  bytes.writeUInt32BE(bytes.readUInt32BE(at) / 3, at);
  const path = join(folder, 'trimmed.mp4');
  writeFileSync(path, bytes);
  expect(readContainer(path).frames).toBeUndefined();
});

test.each(['slowing-down.mkv', 'b-frames.mp4', 'left-out.avi', 'clip.avi'])(
  '%s without its end is reported as cut short',
  (name) => {
    const whole = name === 'clip.avi' ? join(folder, name) : join(recordings, name);
    if (name === 'clip.avi') writeClip(whole, { frames: 5 });
    expect(readContainer(whole)).toMatchObject({ isCutShort: false });
    const path = join(folder, `cut-${name}`);
    const bytes = readFileSync(whole);
    writeFileSync(path, bytes.subarray(0, bytes.length - 50));
    expect(readContainer(path)).toMatchObject({ isCutShort: true });
  },
);

test.each([
  ['nothing', Buffer.alloc(0)],
  ['text', Buffer.from('This is no recording.'.repeat(50))],
  ['zeros', Buffer.alloc(5000)],
  ['boxes without a size', Buffer.from('\0\0\0\x01ftyp\0\0\0\0\0\0\0\0\0\0\0\0')],
  ['an element without a size', Buffer.from('1a45dfa3ff00000000000000000000', 'hex')],
])('%s gives no facts', (name, bytes) => {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  const { frames, orientation } = readContainer(path);
  expect([frames, orientation]).toEqual([undefined, undefined]);
});
