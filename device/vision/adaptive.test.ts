/** Looking at fewer frames must show nobody later, lose nobody and move nobody: against a look at every frame, on recordings. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openJpeg } from '../camera/jpeg-reader.ts';
import { demoClip, openSource } from '../camera/open.ts';
import { offline } from '../cli/options.ts';
import { configSchema } from '../config/schema.ts';
import { iou } from '../core/boxes.ts';
import { happyShareOf, labelCounts } from '../core/labels.ts';
import type { Mat } from '../core/opencv.ts';
import type { Face, Reading, Visit } from '../core/types.ts';
import { clip, modelsDir, yunetDir } from '../lab/fixtures/shared.ts';
import { createVisitLog } from '../visits/visits.ts';
import { encodeJpeg } from './jpeg.ts';
import { visionSettings } from './messages.ts';
import { createPipeline } from './pipeline.ts';

const config = configSchema.parse({ classify: { precision: 'int8' } });

/** A pipeline that counts how often it looks for faces, and at faces. */
async function countingPipeline(adaptive: boolean) {
  const pipeline = await createPipeline({
    ...config,
    detect: { ...config.detect, detector: 'yunet', adaptive },
    modelsDir: yunetDir ?? modelsDir,
  });
  const counted = { pipeline, looks: 0, classified: 0 };
  const detect = pipeline.detector.detect.bind(pipeline.detector);
  pipeline.detector.detect = (frame, reducedBy) => {
    counted.looks += 1;
    return detect(frame, reducedBy);
  };
  const classify = pipeline.classifier.classify.bind(pipeline.classifier);
  pipeline.classifier.classify = (crops, count) => {
    counted.classified += count;
    return classify(crops, count);
  };
  return counted;
}

interface Played {
  readonly readings: readonly Reading[];
  /** `small`: share of the dwell without a name because the face was too small. */
  readonly visits: readonly (Pick<Visit, 'track' | 'dwellMs' | 'frames' | 'dominant'> & { readonly small: number })[];
  readonly looks: number;
  /** How many faces the network was shown, confirmed or not. */
  readonly classified: number;
}

/** @param frameMs time from frame to frame; the recording's own where it is undefined */
async function play(source: string, adaptive: boolean, frameMs?: number): Promise<Played> {
  const counted = await countingPipeline(adaptive);
  const opened = await openSource(source, { ...config.camera, loop: false, pace: 'max' });
  const { signal } = new AbortController();
  const readings: Reading[] = [];
  const clock = { now: () => 0, mono: () => 0 };
  const log = createVisitLog({ ...config.visits, bootId: 'boot', clock });
  const visits: Visit[] = [];
  for (let frame = await opened.read(signal); frame; frame = await opened.read(signal)) {
    const mono = frameMs === undefined ? frame.t * 1000 : frame.index * frameMs;
    const faces = await counted.pipeline.process(frame.mat, mono);
    const { cols: width, rows: height } = frame.mat;
    const happyShare = happyShareOf(labelCounts(faces));
    readings.push({ frame: frame.index, t: mono / 1000, ts: mono, mono, width, height, faces, happyShare });
    visits.push(...log.update(readings.at(-1)!));
    frame.mat.release();
  }
  opened.close();
  visits.push(...log.flush());
  const toldOf = visits.map(({ track, dwellMs, frames, dominant, reasons: { small = 0 } }) => {
    return { track, dwellMs, frames, dominant, small };
  });
  return { readings, visits: toldOf, looks: counted.looks, classified: counted.classified };
}

const tracksOf = (faces: readonly Face[]) => faces.map(({ track }) => track).sort((a, b) => a - b);

const recordings = [
  'head-pose-face-detection-male.mp4',
  'head-pose-face-detection-female.mp4',
  'face-demographics-walking-and-pause.mp4',
  'face-demographics-walking.mp4',
  'classroom.mp4',
  'again.mkv',
  'bird.mkv',
  'sorry.mkv',
  'one-by-one-person-detection-20s.mp4',
].map((name) => [name, clip(name)] as const);

describe.skipIf(!yunetDir)('adaptive (skipped where YuNet is absent; get it with: mien models pull)', () => {
  /** At 10 and 30 frames a second more of them may go unlooked at than at the 4 to 16 of most recordings. */
  const cases = [
    { name: 'demo', file: demoClip, frameMs: undefined, rate: 'its own rate' },
    ...recordings.flatMap(([name, file]) => [
      { name, file, frameMs: undefined, rate: 'its own rate' },
      { name, file, frameMs: 1000 / 10, rate: '10 a second' },
      { name, file, frameMs: 1000 / 30, rate: '30 a second' },
    ]),
  ];

  for (const { name, file, frameMs, rate } of cases) {
    test.skipIf(!file)(
      `${name} at ${rate}: the same people in the same frames, at the same places`,
      async () => {
        const every = await play(file!, false, frameMs);
        const adaptive = await play(file!, true, frameMs);
        expect(every.looks).toBe(every.readings.length);
        expect(adaptive.looks).toBeLessThanOrEqual(every.looks);
        for (const [at, { faces, mono }] of every.readings.entries()) {
          const seen = adaptive.readings[at]!;
          expect({ mono: seen.mono, tracks: tracksOf(seen.faces) }).toEqual({ mono, tracks: tracksOf(faces) });
          for (const face of faces) {
            const same = seen.faces.find(({ track }) => track === face.track)!;
            expect(iou(same.box, face.box)).toBeGreaterThan(0.7);
          }
        }
        // Of a face that is too small for a name most of the time, one look more or less decides whether it gets one at all.
        const told = (visits: typeof every.visits) =>
          visits.map(({ small, dominant, ...visit }) => (small > 0.5 ? visit : { ...visit, dominant }));
        expect(told(adaptive.visits)).toEqual(told(every.visits));
      },
      120_000,
    );
  }

  test('it saves looks where nobody is there', async () => {
    const { looks, readings } = await play(demoClip, true);
    expect(readings.length - looks).toBeGreaterThan(30);
  }, 60_000);

  test('it shows the network a face that holds still in some frames only, and without it in all', async () => {
    const facesIn = ({ readings }: Played) => readings.reduce((sum, { faces }) => sum + faces.length, 0);
    const every = await play(demoClip, false);
    expect(every.classified).toBeGreaterThanOrEqual(facesIn(every));
    const adaptive = await play(demoClip, true);
    expect(adaptive.classified).toBeLessThan(0.6 * facesIn(adaptive));
  }, 60_000);

  describe('somebody who appears', () => {
    let nobody: Mat;
    let visitor: Mat;
    beforeAll(async () => {
      const source = await openSource(demoClip, { ...config.camera, loop: false, pace: 'max' });
      const { signal } = new AbortController();
      for (let frame = await source.read(signal); frame && !visitor; frame = await source.read(signal)) {
        if (frame.index === 0) nobody = frame.mat;
        else if (frame.index === 120) visitor = frame.mat;
        else frame.mat.release();
      }
      source.close();
    });
    afterAll(() => {
      nobody.release();
      visitor.release();
    });

    interface Appearance {
      readonly fadeMs: number;
      readonly fps: number;
      /** Whether the camera delivers JPEG, of which no more is decoded than is asked for. */
      readonly asJpeg: boolean;
      /** Nobody watches: frames go by as the pipeline says. */
      readonly unwatched?: boolean;
    }

    /** When the first face is told of, ms after the appearance began, and how often a glance was all that was asked for. */
    async function firstFace(adaptive: boolean, { fadeMs, fps, asJpeg, unwatched = false }: Appearance) {
      const { pipeline } = await countingPipeline(adaptive);
      const startsAt = 2050;
      let glances = 0;
      for (let mono = 0; mono < startsAt + fadeMs + 2000; mono += 1000 / fps) {
        if (unwatched && pipeline.skipsFrame(mono)) continue;
        const share = Math.min(1, Math.max(0, (mono - startsAt) / fadeMs));
        const picture = nobody.addWeighted(1 - share, visitor, share, 0);
        if (pipeline.isIdle) glances += 1;
        const frame = asJpeg
          ? openJpeg(encodeJpeg(picture, 90), () => 320, { isThumbnail: pipeline.isIdle })!
          : { mat: picture };
        const faces = await pipeline.process(frame.mat, mono, 'jpeg' in frame ? frame.jpeg : undefined);
        for (const mat of new Set([picture, frame.mat])) mat.release();
        if (faces.length > 0) return { afterMs: mono - startsAt, glances };
      }
      throw new Error('The visitor was never seen');
    }

    test.each([
      { fadeMs: 1, fps: 30, waitMs: 0 },
      { fadeMs: 500, fps: 30, waitMs: 0 },
      { fadeMs: 1, fps: 10, waitMs: 0 },
      { fadeMs: 4000, fps: 10, waitMs: 0 },
      { fadeMs: 15_000, fps: 10, waitMs: 200 },
    ])('within $fadeMs ms, at $fps frames a second, waits $waitMs ms longer at most', async ({ waitMs, ...how }) => {
      const every = await firstFace(false, { ...how, asJpeg: false });
      const adaptive = await firstFace(true, { ...how, asJpeg: false });
      expect(adaptive.afterMs - every.afterMs).toBeLessThanOrEqual(waitMs);
    });

    test.each([
      { fadeMs: 1, fps: 10, waitMs: 0 },
      { fadeMs: 15_000, fps: 10, waitMs: 200 },
    ])('the same where only glances at JPEG are decoded: within $fadeMs ms', async ({ waitMs, ...how }) => {
      const every = await firstFace(false, { ...how, asJpeg: true });
      const glancing = await firstFace(true, { ...how, asJpeg: true });
      expect(every.glances).toBe(0);
      expect(glancing.glances).toBeGreaterThan(15);
      expect(glancing.afterMs - every.afterMs).toBeLessThanOrEqual(waitMs);
    });

    test('whom a look found, or may have found, in a frame is looked for in the next', async () => {
      const { pipeline } = await countingPipeline(true);
      expect(pipeline.skipsFrame(0)).toBe(false);
      await pipeline.process(nobody, 0);
      expect(pipeline.skipsFrame(33)).toBe(true);
      const { pipeline: another } = await countingPipeline(true);
      expect(await another.process(visitor, 0)).toEqual([]);
      expect(another.isIdle).toBe(true);
      expect(another.skipsFrame(33)).toBe(false);
    });

    test.each([
      { fadeMs: 1, fps: 30, frames: 2 },
      { fadeMs: 500, fps: 30, frames: 2 },
      { fadeMs: 1, fps: 10, frames: 1 },
      { fadeMs: 4000, fps: 10, frames: 1 },
      { fadeMs: 15_000, fps: 10, frames: 2 },
    ])(
      'the same where nobody watches: within $fadeMs ms, at $fps a second, waits $frames frames',
      async ({ frames, ...how }) => {
        const every = await firstFace(false, { ...how, asJpeg: true });
        const passing = await firstFace(true, { ...how, asJpeg: true, unwatched: true });
        expect(passing.afterMs - every.afterMs).toBeLessThanOrEqual((1.001 * frames * 1000) / how.fps);
      },
    );
  });
});

test('a camera or a recording at its own pace may be looked at adaptively; as fast as possible and offline never', () => {
  const settingsOf = (pace: 'source' | 'max') =>
    visionSettings({ ...config, camera: { ...config.camera, pace } }, modelsDir).detect.adaptive;
  expect(settingsOf('source')).toBe(true);
  expect(settingsOf('max')).toBe(false);
  expect(offline(config.detect).adaptive).toBe(false);
});
