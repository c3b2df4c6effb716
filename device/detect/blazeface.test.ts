import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { demoClip, openSource } from '../camera/open.ts';
import { iou } from '../core/boxes.ts';
import { exitCode } from '../core/errors.ts';
import { InferenceSession } from '../core/onnxruntime.ts';
import { cv, type Mat } from '../core/opencv.ts';
import { greyPicture } from '../lab/fixtures/pictures.ts';
import { recorded } from '../lab/fixtures/recorded.ts';
import { blazefaceDir, clip } from '../lab/fixtures/shared.ts';
import { isPlausible } from '../track/plausible.ts';
import { createBlazefaceDetector } from './blazeface.ts';
import { withInputSize } from './blazeface-file.ts';
import { blazefaceFile } from './choose.ts';

const options = { minScore: 0.7, minFace: 12, inputWidth: 0, file: join(blazefaceDir ?? '', blazefaceFile) } as const;
/** Position of the visitor's face in frame 120 of lab/make-clip.ts, from brow to chin. */
const face = { x: 243, y: 117, width: 120, height: 140 };

describe.skipIf(!blazefaceDir)('BlazeFace (skipped where its file is absent; get it with: mien models pull)', () => {
  let frame: Mat;
  beforeAll(async () => {
    [frame] = (await framesOf(demoClip, [120])) as [Mat];
  });
  afterAll(() => frame.release());

  test('finds the visitor of the built-in clip, with six landmarks in place', async () => {
    const detector = createBlazefaceDetector(options);
    expect(detector).toMatchObject({ description: 'BlazeFace', boxKind: 'blazeface' });
    const [found, ...others] = await detector.detect(frame);
    expect(others).toEqual([]);
    expect(detector.description).toBe('BlazeFace (ONNX Runtime, 256x192)');
    expect(iou(found!.box, face)).toBeGreaterThan(0.6);
    const landmarks = found!.landmarks!;
    if (!landmarks.mouth) throw new Error('expected the six points of BlazeFace');
    const { eyeLeft, eyeRight, nose, mouth, earLeft, earRight } = landmarks;
    const across = [earLeft, eyeLeft, nose, eyeRight, earRight].map(({ x }) => x);
    expect(across).toEqual([...across].sort((a, b) => a - b));
    expect(Math.max(eyeLeft.y, eyeRight.y)).toBeLessThan(nose.y);
    expect(nose.y).toBeLessThan(mouth.y);
  });

  test('two threads give the same result as one, and the description names them', async () => {
    const [one, two] = [1, 2].map((threads) => createBlazefaceDetector({ ...options, threads }));
    const found = await one!.detect(frame);
    expect(found).toHaveLength(1);
    expect(await two!.detect(frame)).toEqual(found);
    expect(two!.description).toBe('BlazeFace (ONNX Runtime, 256x192, 2 threads)');
  });

  test('for a reduced frame, boxes, landmarks and the minimum height are in pixels of the full picture', async () => {
    const half = frame.resize(240, 320);
    const detector = createBlazefaceDetector({ ...options, minFace: 100 });
    const [whole] = await detector.detect(frame);
    const [found] = await detector.detect(half, 2);
    expect(iou(found!.box, whole!.box)).toBeGreaterThan(0.9);
    expect(Math.abs(found!.landmarks!.nose.x - whole!.landmarks!.nose.x)).toBeLessThan(4);
    expect(await detector.detect(half)).toEqual([]);
    half.release();
  });

  test.each([
    [320, 256],
    [640, 256],
    [768, 384],
    [1280, 640],
    [1920, 928],
    [3840, 928],
  ])(
    "a picture of %d px is detected at %d px, four fifths of YuNet's width, unless a width is set",
    (width, expected) => {
      const at = (inputWidth: number, minWidth?: number) =>
        createBlazefaceDetector({ ...options, inputWidth, minWidth }).detectionWidth(width);
      expect(at(0)).toBe(expected);
      expect(at(0, 640)).toBe(Math.max(512, expected));
      expect(at(320)).toBe(256);
      expect(at(32)).toBe(128);
      expect(at(1280)).toBe(992);
    },
  );

  test('a wide picture gets two passes: small faces and one that fills the picture are found', async () => {
    const wide = frame.resize(960, 1280);
    const detector = createBlazefaceDetector(options);
    const [found, ...others] = await detector.detect(wide);
    expect(detector.description).toBe('BlazeFace (ONNX Runtime, 256x192 and 640x480)');
    expect(others).toEqual([]);
    expect(iou(found!.box, twice(face))).toBeGreaterThan(0.6);
    const near = frame.getRegion(new cv.Rect(213, 110, 180, 160));
    const filling = near.resize(1138, 1280, 0, 0, cv.INTER_CUBIC);
    expect(await detector.detect(filling)).toHaveLength(1);
    for (const mat of [wide, near, filling]) mat.release();
  });

  test('new limits hold from the next frame on; a new input size frees the old runtime', async () => {
    const created = vi.spyOn(InferenceSession, 'create');
    const detector = createBlazefaceDetector(options);
    expect(await detector.detect(frame)).toHaveLength(1);
    detector.adjust({ ...options, minFace: 300 });
    expect(await detector.detect(frame)).toEqual([]);
    detector.adjust({ ...options, minScore: 0.999 });
    expect(await detector.detect(frame)).toEqual([]);
    expect(created).toHaveBeenCalledTimes(1);
    const released = vi.spyOn(await created.mock.results[0]!.value, 'release');
    detector.adjust({ ...options, inputWidth: 400 });
    expect(await detector.detect(frame)).toHaveLength(1);
    expect(detector.description).toBe('BlazeFace (ONNX Runtime, 320x256)');
    expect(released).toHaveBeenCalledTimes(1);
    created.mockRestore();
  });

  test.each([
    [2, 2],
    [20_000, 2],
    [2, 20_000],
    [100, 20_000],
  ])('a picture of %ix%i gives no face and no error', async (width, height) => {
    const strip = greyPicture(90, width, height);
    expect(await createBlazefaceDetector(options).detect(strip)).toEqual([]);
  });

  test('another input size gives the same outputs for the same cells', async () => {
    const published = await InferenceSession.create(readFileSync(options.file), { logSeverityLevel: 3 });
    expect(published.inputMetadata[0]).toMatchObject({ shape: [1, 256, 256, 3] });
    const size = { width: 320, height: 192 };
    const changed = await InferenceSession.create(withInputSize(readFileSync(options.file), size), {
      logSeverityLevel: 3,
    });
    expect(changed.inputMetadata[0]).toMatchObject({ shape: [1, 192, 320, 3] });
    expect(changed.outputMetadata.map((output) => 'shape' in output && output.shape)).toHaveLength(4);
    expect(() => withInputSize(Buffer.from('not it'), size)).toThrow(
      expect.objectContaining({ code: exitCode.badData, remedy: 'Fetch the pinned one again: mien models pull' }),
    );
  });

  test.each([
    ['head-pose-face-detection-male', 'mp4', 4],
    ['face-demographics-walking-and-pause', 'mp4', 4],
    ['bird', 'mkv', 6],
  ])(
    "in the recording %s it finds YuNet's faces, with the same height and plausible landmarks",
    async (name, ending, every) => {
      const file = clip(`${name}.${ending}`);
      // Skipped without ../shared/clips.
      if (!file) return;
      const known = recorded(name);
      const indices = known.map((_, index) => index).filter((index) => index % every === 0);
      const detector = createBlazefaceDetector(options);
      const missed: string[] = [];
      const growth: number[] = [];
      let count = 0;
      for (const [at, mat] of (await framesOf(file, indices)).entries()) {
        const found = await detector.detect(mat);
        mat.release();
        const clear = known[indices[at]!]!.detections.filter(({ score, box }) => score >= 0.7 && box.height >= 24);
        for (const { box } of clear) {
          const same = found.find((each) => iou(each.box, box) >= 0.5);
          count += 1;
          if (!same || !isPlausible(same)) missed.push(`frame ${indices[at]}: ${Math.round(box.height)} px`);
          else growth.push(Math.abs(Math.log(same.box.height / box.height)));
        }
      }
      expect(count).toBeGreaterThan(8);
      expect(growth.reduce((sum, each) => sum + each, 0) / growth.length).toBeLessThan(0.12);
      // One in twenty may differ: faces at the edge of the picture or turning away.
      expect(missed.length / count, missed.join(', ')).toBeLessThanOrEqual(0.05);
    },
  );
});

async function framesOf(spec: string, indices: readonly number[]): Promise<Mat[]> {
  const source = await openSource(spec, { width: 640, height: 480, fps: 24, loop: false, pace: 'max' });
  const { signal } = new AbortController();
  const frames: Mat[] = [];
  for (let next = await source.read(signal); next; next = await source.read(signal)) {
    if (indices.includes(next.index)) frames.push(next.mat);
    else next.mat.release();
    if (frames.length === indices.length) break;
  }
  source.close();
  return frames;
}

function twice({ x, y, width, height }: typeof face) {
  return { x: 2 * x, y: 2 * y, width: 2 * width, height: 2 * height };
}
