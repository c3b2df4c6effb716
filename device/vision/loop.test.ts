import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { decodePicture } from '../camera/picture.ts';
import { configSchema } from '../config/schema.ts';
import { cv, type Mat } from '../core/opencv.ts';
import type { Face, Reading } from '../core/types.ts';
import { until } from '../lab/fixtures/mien.ts';
import { shadeOf, shadeOfFrame, writeClip } from '../lab/fixtures/pictures.ts';
import { scratchFolder } from '../lab/fixtures/scratch.ts';
import { type LoopDeps, runVisionLoop } from './loop.ts';
import type { FromVision, VisionSettings } from './messages.ts';
import type { Pipeline } from './pipeline.ts';
import { Playback } from './playback.ts';
import { StageTimes } from './stage-times.ts';

const scratch = scratchFolder();

const face: Face = {
  track: 1,
  box: { x: 8, y: 8, width: 24, height: 24 },
  score: 1,
  label: 'happy',
  probabilities: { happy: 1 },
};

/** Sees one face in each frame; `work` makes it slow or makes it fail, `passesOver` lets frames go by. */
function pipelineOf(work: (frame: Mat) => Promise<void> | void = () => {}, passesOver = () => false): Pipeline {
  return {
    detector: { description: 'made up', lookWidth: () => 320 },
    passesOver,
    async process(frame: Mat) {
      await work(frame);
      return [face];
    },
  } as unknown as Pipeline;
}

interface Run {
  readonly camera?: Partial<VisionSettings['camera']>;
  readonly pipeline?: Pipeline;
  readonly watched?: { plain: boolean; annotated: boolean };
  readonly limit?: { fps: number };
  readonly streamFps?: number;
  readonly clock?: LoopDeps['clock'];
}

/** The loop over a source, with what it said; `stop` ends it. */
function play(source: string, run: Run = {}) {
  const { camera, detect, classify, track } = configSchema.parse({});
  const messages: FromVision[] = [];
  const stopping = new AbortController();
  const settings: VisionSettings = {
    camera: { ...camera, source, loop: false, pace: 'max', ...run.camera },
    detect,
    classify,
    track,
    modelsDir: '/models',
    jpegQuality: 90,
    streamFps: run.streamFps ?? 60,
  };
  const playback = new Playback(settings);
  const finished = runVisionLoop(
    {
      playback,
      times: new StageTimes(),
      pipeline: run.pipeline ?? pipelineOf(),
      send: async (message) => void messages.push(message),
      watched: run.watched ?? { plain: false, annotated: false },
      limit: run.limit ?? { fps: Number.POSITIVE_INFINITY },
      clock: run.clock,
    },
    stopping.signal,
  );
  return {
    messages,
    finished,
    playback,
    of: <Type extends FromVision['type']>(type: Type) =>
      messages.filter((message): message is Extract<FromVision, { type: Type }> => message.type === type),
    async stop() {
      stopping.abort();
      await finished;
    },
  };
}

function clipOf(name: string, frames: number, fps = 30): string {
  const path = join(scratch, name);
  writeClip(path, { frames, fps });
  return path;
}

test('a recording that is played once: opened, read frame by frame, ended', async () => {
  const { messages, of, stop } = play(clipOf('once.avi', 6));
  await until(() => (of('ended').length > 0 ? true : undefined));
  await stop();
  expect(messages.map(({ type }) => type).filter((type) => type !== 'stats')).toEqual([
    'opening',
    'online',
    ...Array.from({ length: 6 }, () => 'reading'),
    'ended',
  ]);
  const readings = of('reading').map(({ reading }) => reading);
  expect(readings.map(({ frame }) => frame)).toEqual([0, 1, 2, 3, 4, 5]);
  for (const [at, reading] of readings.entries()) {
    expect(reading).toMatchObject({ width: 64, height: 48, faces: [face], happyShare: 1 });
    if (at > 0) expect(reading.mono).toBeGreaterThan(readings[at - 1]!.mono);
  }
});

test('a source that disappears is lost with a reason, and found again when it is back', async () => {
  const path = clipOf('comes-and-goes.avi', 3);
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

test('a fault in the middle of a frame is no fault of the source: the loop ends with it', async () => {
  const pipeline = pipelineOf(() => {
    throw new Error('out of memory');
  });
  const { of, finished } = play(clipOf('fault.avi', 3), { pipeline });
  await expect(finished).rejects.toThrow('out of memory');
  expect(of('lost')).toEqual([]);
});

test('frames beyond camera.fps are not looked at, from the first on', async () => {
  const { of, stop } = play(clipOf('fast.avi', 36, 60), { camera: { fps: 10, pace: 'source' } });
  await until(() => (of('ended').length > 0 ? true : undefined));
  await stop();
  const times = of('reading').map(({ reading }) => reading.mono);
  expect(times.length).toBeGreaterThan(1);
  // A third early counts as on time.
  for (const [at, mono] of times.slice(1).entries()) expect(mono - times[at]!).toBeGreaterThanOrEqual(1000 / 10 / 1.5);
});

test('a limit that is set while it runs holds from then on, and is lifted again', async () => {
  const limit = { fps: Number.POSITIVE_INFINITY };
  const { of, stop } = play(clipOf('limited.avi', 30, 60), { camera: { fps: 120, loop: true, pace: 'source' }, limit });
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

test('a frame that the pipeline passes over is not read, and not dropped; whoever watches sees it even so', async () => {
  let asked = 0;
  const watched = { plain: false, annotated: false };
  const { of, stop } = play(clipOf('passed.avi', 40, 10), {
    camera: { fps: 120, loop: true, pace: 'source' },
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

/**
 * A pipeline that notes, at the end of its work on each frame, how many later ones have been read; with a clock by which
 * a read takes 10 ms and the work `workMs`, however busy this machine is.
 */
function aheadOf(workMs: number) {
  let read = 0;
  let now = 0;
  let working = false;
  const ahead: number[] = [];
  const besideWork: number[] = [];
  const work = async () => {
    working = true;
    // Time to read the next frame beside it.
    await wait(20);
    working = false;
    now += workMs;
    ahead.push(read - ahead.length - 1);
  };
  const passesOver = () => {
    read += 1;
    now += 10;
    if (working) besideWork.push(read);
    return false;
  };
  return { ahead, besideWork, pipeline: pipelineOf(work, passesOver), clock: { mono: () => now } };
}

/** Of pictures that take some ms to read. */
function largeClip(name: string, frames: number, fps = 10): string {
  const path = join(scratch, name);
  writeClip(path, { frames, fps, width: 1280, height: 960 });
  return path;
}

test('at full pace the next frame, and no other, is read while one is worked on', async () => {
  const { ahead, ...run } = aheadOf(0);
  const { stop } = play(largeClip('ahead.avi', 10), { camera: { loop: true }, ...run });
  await until(() => (ahead.includes(1) ? true : undefined));
  await stop();
  expect(Math.max(...ahead)).toBe(1);
});

test.each([
  ['beside work that takes much longer', { pace: 'max' }, 500],
  // The next frame comes while one is worked on.
  ['at its own pace', { pace: 'source', fps: 100 }, 0],
] as const)('no frame is read ahead %s', async (what, camera, workMs) => {
  const { ahead, besideWork, ...run } = aheadOf(workMs);
  const { of, stop } = play(largeClip(`${what}.avi`, 30, 100), { camera, ...run });
  await until(() => (of('ended').length > 0 ? true : undefined));
  await stop();
  expect(ahead.length).toBeGreaterThan(2);
  expect(besideWork).toEqual([]);
});

test('pictures that are decoded on this thread are not read ahead', async () => {
  const { ahead, ...run } = aheadOf(0);
  const folder = join(scratch, 'large pictures');
  mkdirSync(folder);
  for (let number = 0; number < 3; number++)
    cv.imwrite(join(folder, `${number}.png`), new cv.Mat(960, 1280, cv.CV_8UC3));
  const { of, stop } = play(folder, run);
  await until(() => (of('ended').length > 0 ? true : undefined));
  await stop();
  expect(ahead).toEqual([0, 0, 0]);
});

test('the latency in the statistics counts from the bytes of a picture: what was read ahead has waited', async () => {
  const { ahead, ...run } = aheadOf(0);
  const { of, stop } = play(largeClip('waited.avi', 10), { camera: { loop: true }, ...run });
  const { latencyMs } = await until(() => of('stats').find(({ fps }) => fps > 0));
  await stop();
  expect(ahead).toContain(1);
  // The work on the frame before, during which it was decoded, and that on it.
  expect(latencyMs).toBeGreaterThan(1.5 * 20);
});

test('what was read ahead and is damaged is told when its turn comes', async () => {
  const path = largeClip('damaged-ahead.avi', 40);
  const bytes = readFileSync(path);
  const starts = [...bytes.toString('latin1').matchAll(/\xff\xd8\xff/g)].map(({ index }) => index);
  for (const at of starts.slice(3)) bytes.fill(0, at, at + 20);
  writeFileSync(path, bytes);
  const { ahead, ...run } = aheadOf(0);
  const { of, stop } = play(path, run);
  const [lost] = await until(() => (of('lost').length > 0 ? of('lost') : undefined));
  expect(lost!.reason).toMatch(/^30 damaged pictures in a row /);
  expect(of('reading').map(({ reading }) => reading.frame)).toEqual([0, 1, 2]);
  expect(ahead).toContain(1);
  await stop();
});

test('frames that a limit lets go by at full pace count as no dropped ones', async () => {
  const { of, stop } = play(clipOf('limited-ahead.avi', 30), { camera: { loop: true }, limit: { fps: 20 } });
  const { fps, droppedFps } = await until(() => of('stats').find((stats) => stats.fps > 0));
  expect(fps).toBeLessThan(40);
  expect(droppedFps).toBe(0);
  await stop();
});

test('that nobody is there is said twice a second; whoever watches, or comes, is told of each frame', async () => {
  const watched = { plain: false, annotated: false };
  const faces: Face[] = [];
  const process = async () => {
    await wait(5);
    return [...faces];
  };
  const pipeline = { ...pipelineOf(), isQuiet: true, process } as unknown as Pipeline;
  const { of, stop } = play(clipOf('nobody.avi', 20), { camera: { loop: true }, watched, pipeline });
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

test('where a source may be silent for a short time only, signs of life come more often than once a second', async () => {
  const { of, stop } = play(clipOf('short-stall.avi', 3), { camera: { stallMs: 600 } });
  const startedAt = performance.now();
  await until(() => (of('stats').length >= 3 ? true : undefined));
  expect(performance.now() - startedAt).toBeLessThan(2500);
  await stop();
});

test('nothing is encoded while nobody watches', async () => {
  const watched = { plain: false, annotated: false };
  const { of, stop } = play(clipOf('watched.avi', 3), { camera: { loop: true, pace: 'source' }, watched });
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

test('the picture is that of its reading; the annotated one has the box burnt in', async () => {
  const watched = { plain: true, annotated: true };
  const { of, stop } = play(clipOf('pictures.avi', 20), { watched, streamFps: 1e9 });
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

test('viewers get the bytes of a source that delivers JPEG; reading and annotated picture are of their size', async () => {
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
  // What detection looks at is no larger than it needs.
  expect(sizes).toContainEqual([320, 240]);
  expect(new Set(sizes.map(String)).size).toBe(1);
});

test('a pause closes the source, its end opens it again; so do other settings of the camera', async () => {
  const { of, messages, playback, stop } = play(clipOf('pause.avi', 30), { camera: { loop: true, pace: 'source' } });
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

test('the first picture of a source that was opened anew is not held back: the second may be ten seconds away', async () => {
  const { of, messages, playback, stop } = play(clipOf('anew.avi', 30), {
    camera: { loop: true, pace: 'source' },
    watched: { plain: false, annotated: true },
    streamFps: 0.001,
  });
  await until(() => (of('reading').length > 2 ? true : undefined));
  playback.change({ ...playback.settings, camera: { ...playback.settings.camera, fps: 0.1 } });
  await until(() => (of('online').length === 2 && messages.at(-1)?.type === 'reading' ? true : undefined));
  await stop();
  const anew = messages.slice(messages.indexOf(of('online')[1]!)).filter(({ type }) => type !== 'stats');
  expect(anew[1]).toMatchObject({ type: 'reading', annotated: expect.any(Uint8Array) });
});

test.each([
  ['the source promises', { fps: 60 }, 24],
  ['were asked for', { fps: 0.1 }, 0.1],
  ['the source promises, where it is played as fast as possible', { fps: 0.1, pace: 'max' }, 24],
] as const)('says how many frames a second come: as many as %s', async (_who, camera, fps) => {
  const { of, stop } = play(clipOf('rate.avi', 3, 24), { camera: { pace: 'source', ...camera } });
  await until(() => (of('online').length > 0 ? true : undefined));
  await stop();
  expect(of('online')[0]!.fps).toBe(fps);
});

test('a viewer that is slow to take a picture gets fewer of them, and every reading', async () => {
  const held: (() => void)[] = [];
  const readings: Reading[] = [];
  let pictures = 0;
  const stopping = new AbortController();
  const { camera, detect, classify, track } = configSchema.parse({});
  const source = clipOf('slow-viewer.avi', 10);
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
        // The first one is never taken.
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
