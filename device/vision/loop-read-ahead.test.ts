import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { cv } from '../core/opencv.ts';
import { until } from '../lab/fixtures/mien.ts';
import { writeClip } from '../lab/fixtures/pictures.ts';
import { pipelineOf, play } from '../lab/fixtures/played-loop.ts';
import { scratchFolder } from '../lab/fixtures/scratch.ts';

const scratch = scratchFolder();

/**
 * A pipeline that records, at the end of its work on each frame, how many later ones were read. By its clock a read
 * takes 10 ms and the work `workMs`, whatever the load of this machine.
 */
function prefetching(workMs: number) {
  let read = 0;
  let now = 0;
  let working = false;
  const ahead: number[] = [];
  const besideWork: number[] = [];
  const work = async () => {
    working = true;
    // Time to read the next frame beside the work.
    await wait(20);
    working = false;
    now += workMs;
    ahead.push(read - ahead.length - 1);
  };
  const skipsFrame = () => {
    read += 1;
    now += 10;
    if (working) besideWork.push(read);
    return false;
  };
  return { ahead, besideWork, pipeline: pipelineOf(work, skipsFrame), readAheadClock: { mono: () => now } };
}

/** A clip whose pictures take several ms to read. */
function largeClip(name: string, frames: number, fps = 10): string {
  const path = join(scratch, name);
  writeClip(path, { frames, fps, width: 1280, height: 960 });
  return path;
}

test('at full pace exactly one frame is read ahead', async () => {
  const { ahead, ...run } = prefetching(0);
  const { stop } = play(largeClip('ahead.avi', 10), { camera: { loop: true }, ...run });
  await until(() => (ahead.includes(1) ? true : undefined));
  await stop();
  expect(Math.max(...ahead)).toBe(1);
});

test.each([
  ['beside much longer work', { pace: 'max' }, 500],
  // The next frame arrives during the work.
  ['at its own pace', { pace: 'source', fps: 100 }, 0],
] as const)('no frame is read ahead %s', async (what, camera, workMs) => {
  const { ahead, besideWork, ...run } = prefetching(workMs);
  const { of, stop } = play(largeClip(`${what}.avi`, 30, 100), { camera, ...run });
  await until(() => (of('ended').length > 0 ? true : undefined));
  await stop();
  expect(ahead.length).toBeGreaterThan(2);
  expect(besideWork).toEqual([]);
});

test('pictures that are decoded on this thread are not read ahead', async () => {
  const { ahead, ...run } = prefetching(0);
  const folder = join(scratch, 'large pictures');
  mkdirSync(folder);
  for (let number = 0; number < 3; number++)
    cv.imwrite(join(folder, `${number}.png`), new cv.Mat(960, 1280, cv.CV_8UC3));
  const { of, stop } = play(folder, run);
  await until(() => (of('ended').length > 0 ? true : undefined));
  await stop();
  expect(ahead).toEqual([0, 0, 0]);
});

test("the latency counts from the arrival of a picture's bytes, including the wait after a prefetch", async () => {
  const { ahead, ...run } = prefetching(0);
  const { of, stop } = play(largeClip('waited.avi', 10), { camera: { loop: true, stallMs: 3000 }, ...run });
  const { latencyMs } = await until(() => of('stats').find(({ fps }) => fps > 0));
  await stop();
  expect(ahead).toContain(1);
  // The work on the previous frame, during which it was decoded, and on this one.
  expect(latencyMs).toBeGreaterThan(1.5 * 20);
});

test('damage in prefetched frames is reported after the frames before', async () => {
  const path = largeClip('damaged-ahead.avi', 40);
  const bytes = readFileSync(path);
  const starts = [...bytes.toString('latin1').matchAll(/\xff\xd8\xff/g)].map(({ index }) => index);
  for (const at of starts.slice(3)) bytes.fill(0, at, at + 20);
  writeFileSync(path, bytes);
  const { ahead, ...run } = prefetching(0);
  const { of, stop } = play(path, run);
  const [lost] = await until(() => (of('lost').length > 0 ? of('lost') : undefined));
  expect(lost!.reason).toMatch(/^30 damaged pictures in a row /);
  expect(of('reading').map(({ reading }) => reading.frame)).toEqual([0, 1, 2]);
  expect(ahead).toContain(1);
  await stop();
});
