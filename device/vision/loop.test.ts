import { renameSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Face, Reading } from '../core/types.ts';
import { until } from '../lab/fixtures/mien.ts';
import { clipOf, face, pipelineOf, play } from '../lab/fixtures/played-loop.ts';
import { scratchFolder } from '../lab/fixtures/scratch.ts';
import type { Pipeline } from './pipeline.ts';

const scratch = scratchFolder();

test('a recording that is played once: opened, read frame by frame, ended', async () => {
  const { messages, of, stop } = play(clipOf(scratch, 'once.avi', 6));
  await until(() => (of('ended').length > 0 ? true : undefined));
  await stop();
  expect(messages.map(({ type }) => type).filter((type) => type !== 'stats')).toEqual([
    'opening',
    'online',
    'measuring',
    'reading',
    'measured',
    ...Array.from({ length: 5 }, () => 'reading'),
    'ended',
  ]);
  const readings = of('reading').map(({ reading }) => reading);
  expect(readings.map(({ frame }) => frame)).toEqual([0, 1, 2, 3, 4, 5]);
  for (const [at, reading] of readings.entries()) {
    expect(reading).toMatchObject({ width: 64, height: 48, faces: [face], happyShare: 1 });
    if (at > 0) expect(reading.mono).toBeGreaterThan(readings[at - 1]!.mono);
  }
});

test('a source that disappears is lost with a reason, and reopened when it is back', async () => {
  const path = clipOf(scratch, 'comes-and-goes.avi', 3);
  const { of, stop } = play(path, { camera: { loop: true, pace: 'source' } });
  await until(() => (of('reading').length > 4 ? true : undefined));
  renameSync(path, `${path}.away`);
  await until(() => (of('lost').length > 1 ? true : undefined));
  expect(of('lost').map(({ reason }) => reason)).toEqual([
    `The recording ${path} is gone. Put it back`,
    expect.stringMatching(/^No such source: \S+comes-and-goes\.avi .*\. Check the path/),
  ]);
  const before = of('reading').length;
  renameSync(`${path}.away`, path);
  await until(() => (of('reading').length > before ? true : undefined));
  expect(of('online').length).toBe(2);
  expect(of('reading')[before]!.reading.frame).toBe(0);
  await stop();
});

test('a fault of the pipeline is not a fault of the source and ends the loop', async () => {
  const pipeline = pipelineOf(() => {
    throw new Error('out of memory');
  });
  const { of, finished } = play(clipOf(scratch, 'fault.avi', 3), { pipeline });
  await expect(finished).rejects.toThrow('out of memory');
  expect(of('lost')).toEqual([]);
});

test('the totals account for every frame of the source: processed, skipped on purpose, or dropped', async () => {
  const { of, stop } = play(clipOf(scratch, 'totals.avi', 36, 60), { camera: { fps: 20, pace: 'source' } });
  await until(() => (of('ended').length > 0 ? true : undefined));
  const heard = of('stats').length;
  const { totals } = await until(() => of('stats')[heard]);
  await stop();
  expect(totals.processed).toBe(of('reading').length);
  expect(totals.skipped).toBeGreaterThan(10);
  expect(totals.processed + totals.skipped + totals.dropped).toBeGreaterThanOrEqual(30);
  expect(totals.processed + totals.skipped + totals.dropped).toBeLessThanOrEqual(36);
  const countOf = ({ buckets }: { buckets: readonly number[] }) => buckets.reduce((sum, count) => sum + count, 0);
  expect(countOf(totals.latency)).toBe(totals.processed);
  expect(countOf(totals.stages.read!)).toBe(totals.processed);
});

test('frames beyond camera.fps are not processed, from the first on', async () => {
  const { of, stop } = play(clipOf(scratch, 'fast.avi', 36, 60), { camera: { fps: 10, pace: 'source' } });
  await until(() => (of('ended').length > 0 ? true : undefined));
  await stop();
  const times = of('reading').map(({ reading }) => reading.mono);
  expect(times.length).toBeGreaterThan(1);
  // A third of the interval early counts as on time.
  for (const [at, mono] of times.slice(1).entries()) expect(mono - times[at]!).toBeGreaterThanOrEqual(1000 / 10 / 1.5);
});

test('a limit that is set while running takes effect and can be removed', async () => {
  const limit = { fps: Number.POSITIVE_INFINITY };
  const { of, stop } = play(clipOf(scratch, 'limited.avi', 30, 60), {
    camera: { fps: 120, loop: true, pace: 'source' },
    limit,
  });
  const passed = async (frames: number) => {
    const from = of('reading').length;
    await until(() => (of('reading').length >= from + frames ? true : undefined));
    return of('reading').slice(from);
  };
  await passed(5);
  limit.fps = 10;
  const limited = (await passed(7)).slice(1).map(({ reading }) => reading);
  for (const [at, { mono }] of limited.slice(1).entries()) {
    expect(mono - limited[at]!.mono).toBeGreaterThanOrEqual(1000 / 10 / 1.5);
  }
  limit.fps = Number.POSITIVE_INFINITY;
  const freed = (await passed(30)).map(({ reading }) => reading.mono);
  expect(freed.slice(1).some((mono, at) => mono - freed[at]! < 1000 / 10 / 1.5)).toBe(true);
  await stop();
});

test('a frame that the pipeline skips is neither read nor counted as dropped; viewers get it', async () => {
  let asked = 0;
  const watched = { plain: false, annotated: false };
  const { of, stop } = play(clipOf(scratch, 'passed.avi', 40, 10), {
    // Statistics after one second, when there are several frames.
    camera: { fps: 120, loop: true, pace: 'source', stallMs: 3000 },
    pipeline: pipelineOf(undefined, () => ++asked % 3 !== 0),
    watched,
  });
  await until(() => of('stats').find(({ fps }) => fps > 0));
  const frames = of('reading').map(({ reading }) => reading.frame);
  expect(frames.slice(0, 3)).toEqual([2, 5, 8]);
  expect(frames.every((frame) => frame % 3 === 2)).toBe(true);
  expect(of('stats').at(-1)!.droppedFps).toBe(0);
  watched.plain = true;
  const from = of('reading').length + 1;
  await until(() => (of('reading').length >= from + 6 ? true : undefined));
  const seen = of('reading').slice(from, from + 6);
  expect(seen.map(({ reading }) => reading.frame - seen[0]!.reading.frame)).toEqual([0, 1, 2, 3, 4, 5]);
  await stop();
});

test('frames beyond a limit at full pace do not count as dropped', async () => {
  const { of, stop } = play(clipOf(scratch, 'limited-ahead.avi', 30), { camera: { loop: true }, limit: { fps: 20 } });
  const { fps, droppedFps } = await until(() => of('stats').find((stats) => stats.fps > 0));
  expect(fps).toBeLessThan(40);
  expect(droppedFps).toBe(0);
  await stop();
});

test('empty readings are sent twice a second; with a viewer or a face each frame is sent', async () => {
  const watched = { plain: false, annotated: false };
  const faces: Face[] = [];
  const process = async () => {
    await wait(5);
    return [...faces];
  };
  const pipeline = { ...pipelineOf(), isIdle: true, process } as unknown as Pipeline;
  const { of, stop } = play(clipOf(scratch, 'nobody.avi', 20), { camera: { loop: true }, watched, pipeline });
  const nextReadings = async (count: number) => {
    const from = of('reading').length;
    await until(() => (of('reading').length >= from + count ? true : undefined));
    return of('reading')
      .slice(from, from + count)
      .map(({ reading }) => reading);
  };
  const stepsOf = (readings: readonly Reading[]) =>
    readings.slice(1).map(({ frame }, at) => frame - readings[at]!.frame);
  const empty = await nextReadings(5);
  // A third of the interval early counts as on time.
  expect(empty[4]!.mono - empty[0]!.mono).toBeGreaterThan(2000 - 167);
  expect(empty[4]!.frame - empty[0]!.frame).toBeGreaterThan(20);
  watched.plain = true;
  expect(stepsOf((await nextReadings(6)).slice(1))).toEqual([1, 1, 1, 1]);
  watched.plain = false;
  faces.push(face);
  expect(stepsOf((await nextReadings(8)).slice(-4))).toEqual([1, 1, 1]);
  await stop();
});

test('with a short stallMs signs of life come more often than once a second', async () => {
  const { of, stop } = play(clipOf(scratch, 'short-stall.avi', 3), { camera: { stallMs: 600 } });
  const startedAt = performance.now();
  await until(() => (of('stats').length >= 3 ? true : undefined));
  expect(performance.now() - startedAt).toBeLessThan(2500);
  await stop();
});

test('a pause closes the source and its end reopens it; new camera settings reopen it too', async () => {
  const { of, messages, playback, stop } = play(clipOf(scratch, 'pause.avi', 30), {
    camera: { loop: true, pace: 'source' },
  });
  await until(() => (of('reading').length > 2 ? true : undefined));
  playback.pause(true);
  await until(() => (of('paused').length === 1 ? true : undefined));
  const seen = of('reading').length;
  const said = of('stats').length;
  await until(() => (of('stats').length > said ? true : undefined));
  expect(of('reading')).toHaveLength(seen);
  playback.pause(false);
  await until(() => (of('reading').length > seen ? true : undefined));
  playback.change({ ...playback.settings, jpegQuality: 40 });
  playback.change({ ...playback.settings, camera: { ...playback.settings.camera, fps: 10 } });
  await until(() => (of('opening').length === 3 ? true : undefined));
  await stop();
  expect(messages.some(({ type }) => type === 'lost' || type === 'ended')).toBe(false);
});

test('the first picture of a reopened source is sent at once: the second may be ten seconds away', async () => {
  const { of, messages, playback, stop } = play(clipOf(scratch, 'anew.avi', 30), {
    camera: { loop: true, pace: 'source' },
    watched: { plain: false, annotated: true },
    streamFps: 0.001,
  });
  await until(() => (of('reading').length > 2 ? true : undefined));
  playback.change({ ...playback.settings, camera: { ...playback.settings.camera, fps: 0.1 } });
  const firstAnew = () =>
    of('online').length === 2
      ? messages.slice(messages.indexOf(of('online')[1]!)).find(({ type }) => type === 'reading')
      : undefined;
  expect(await until(firstAnew)).toMatchObject({ annotated: expect.any(Uint8Array) });
  await stop();
});

test('only the first frame of an opening, and of a changed pipeline, is announced as one that takes long', async () => {
  const { of, playback, deps, stop } = play(clipOf(scratch, 'measured.avi', 30), { camera: { loop: true } });
  await until(() => (of('reading').length > 9 ? true : undefined));
  expect([of('measuring').length, of('measured').length]).toEqual([1, 1]);
  deps.pipeline = pipelineOf();
  await until(() => (of('measured').length === 2 ? true : undefined));
  playback.change({ ...playback.settings, camera: { ...playback.settings.camera, fps: 7 } });
  await until(() => (of('measured').length === 3 ? true : undefined));
  await stop();
});

test.each([
  ['the source promises', { fps: 60 }, 24],
  ['was requested', { fps: 0.1 }, 0.1],
  ['the source promises, where it is played as fast as possible', { fps: 0.1, pace: 'max' }, 24],
] as const)('reports the frame rate that %s', async (_case, camera, fps) => {
  const { of, stop } = play(clipOf(scratch, 'rate.avi', 3, 24), { camera: { pace: 'source', ...camera } });
  await until(() => (of('online').length > 0 ? true : undefined));
  await stop();
  expect(of('online')[0]!.fps).toBe(fps);
});
