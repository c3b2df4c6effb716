import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { demoClip, openSource } from '../camera/open.ts';
import { iou } from '../core/boxes.ts';
import { exitCode } from '../core/errors.ts';
import { InferenceSession } from '../core/onnxruntime.ts';
import { cv, type Mat } from '../core/opencv.ts';
import { greyPicture } from '../lab/fixtures/pictures.ts';
import { scratchFolder } from '../lab/fixtures/scratch.ts';
import { blazefaceDir, yunetDir } from '../lab/fixtures/shared.ts';
import { blazefaceFile, chooseDetector, yunetFile } from './choose.ts';
import { createHaarDetector } from './haar.ts';
import { inputSize } from './input.ts';
import { createYunetDetector } from './yunet.ts';

const scratch = scratchFolder();
const options = { minScore: 0.7, minFace: 16, inputWidth: 320 } as const;

/** Frame 120 of the built-in clip: one visitor in the middle of the picture, near the camera. */
const frame = await frameOfDemo(120);
/** Position of that visitor's face in lab/make-clip.ts, from brow to chin. */
const face = { x: 243, y: 117, width: 120, height: 140 };
afterAll(() => frame.release());

async function frameOfDemo(index: number): Promise<Mat> {
  const source = await openSource(demoClip, { width: 640, height: 480, fps: 24, loop: false, pace: 'max' });
  const { signal } = new AbortController();
  for (;;) {
    const next = await source.read(signal);
    if (!next) throw new Error(`The built-in clip has no frame ${index}`);
    if (next.index === index) {
      source.close();
      return next.mat;
    }
    next.mat.release();
  }
}

describe.skipIf(!yunetDir)(`YuNet (skipped where its file is absent; get it with: mien models pull)`, () => {
  const file = join(yunetDir ?? '', yunetFile);

  test('ONNX Runtime and OpenCV find the same face and landmarks at the right place', async () => {
    const [onOrt] = await createYunetDetector({ ...options, file, runtime: 'onnxruntime' }).detect(frame);
    const [onOpenCv] = await createYunetDetector({ ...options, file, runtime: 'opencv' }).detect(frame);
    expect(iou(onOrt!.box, onOpenCv!.box)).toBeGreaterThan(0.95);
    expect(Math.abs(onOrt!.score - onOpenCv!.score)).toBeLessThan(0.02);
    expect(iou(onOrt!.box, face)).toBeGreaterThan(0.6);
    const landmarks = onOrt!.landmarks!;
    const { eyeLeft, eyeRight, nose } = landmarks;
    expect(eyeLeft.x).toBeLessThan(nose.x);
    expect(nose.x).toBeLessThan(eyeRight.x);
    expect(landmarks.mouthLeft!.x).toBeLessThan(landmarks.mouthRight!.x);
    expect(Math.max(eyeLeft.y, eyeRight.y)).toBeLessThan(nose.y);
    expect(nose.y).toBeLessThan(Math.min(landmarks.mouthLeft!.y, landmarks.mouthRight!.y));
  });

  test('two threads give the same result as one, and the description names them', async () => {
    const [one, two, free] = [1, 2, 0].map((threads) =>
      createYunetDetector({ ...options, file, threads, runtime: threads > 0 ? 'onnxruntime' : 'fastest' }),
    );
    const found = await one!.detect(frame);
    expect(found).toHaveLength(1);
    expect(await two!.detect(frame)).toEqual(found);
    expect(two!.description).toMatch(/^YuNet \(ONNX Runtime, \d+x\d+, 2 threads\)$/);
    expect(one!.description).not.toContain('thread');
    expect(await free!.detect(frame)).toHaveLength(1);
    expect(free!.description).toMatch(/^YuNet \((ONNX Runtime|OpenCV dnn), \d+x\d+(, 2 threads)?\)$/);
  });

  test('the faster runtime is chosen on the first frame, named, and kept when the frame size changes', async () => {
    const detector = createYunetDetector({ ...options, file });
    expect(detector.description).toBe('YuNet');
    expect(await detector.detect(frame)).toHaveLength(1);
    expect(detector.description).toMatch(/^YuNet \((ONNX Runtime|OpenCV dnn), 320x256\)$/);
    const [, runtime] = /\((.+),/.exec(detector.description)!;
    const small = frame.resize(300, 200);
    const [found] = await detector.detect(small);
    expect(detector.description).toBe(`YuNet (${runtime}, 224x352)`);
    // 200x300 from 640x480: the same face, narrower and less tall.
    const narrow = {
      x: (face.x * 200) / 640,
      y: (face.y * 300) / 480,
      width: (face.width * 200) / 640,
      height: (face.height * 300) / 480,
    };
    expect(iou(found!.box, narrow)).toBeGreaterThan(0.5);
  });

  test('for a reduced frame, boxes, landmarks and the minimum height are in pixels of the full picture', async () => {
    const half = frame.resize(240, 320);
    const detector = createYunetDetector({ ...options, file, minFace: 100, runtime: 'onnxruntime' });
    const [whole] = await detector.detect(frame);
    const [found] = await detector.detect(half, 2);
    expect(iou(found!.box, whole!.box)).toBeGreaterThan(0.9);
    expect(Math.abs(found!.landmarks!.nose.x - whole!.landmarks!.nose.x)).toBeLessThan(4);
    // In pixels of the reduced frame the face is too small.
    expect(await detector.detect(half)).toEqual([]);
    half.release();
  });

  test.each([
    [320, 320],
    [640, 320],
    [768, 480],
    [1280, 768],
    [1920, 1152],
    [3840, 1152],
  ])('a picture of %d px is detected at %d px, unless a width is set', (width, expected) => {
    const at = (inputWidth: number, minWidth?: number) =>
      createYunetDetector({ ...options, inputWidth, minWidth, file }).detectionWidth(width);
    expect(at(0)).toBe(expected);
    expect(at(0, 640)).toBe(Math.max(640, expected));
    expect(at(256)).toBe(256);
    expect(at(32)).toBe(128);
  });

  test('for a reduced frame the width of the full picture counts', async () => {
    const wide = new cv.Mat(720, 1280, cv.CV_8UC3, [90, 90, 90]);
    const smaller = new cv.Mat(360, 640, cv.CV_8UC3, [90, 90, 90]);
    const detector = createYunetDetector({ ...options, inputWidth: 0, file, runtime: 'onnxruntime' });
    await detector.detect(wide);
    expect(detector.description).toBe('YuNet (ONNX Runtime, 768x448)');
    await detector.detect(smaller, 2);
    expect(detector.description).toBe('YuNet (ONNX Runtime, 640x384)');
    // Not longer than the longest side of a wide picture.
    await detector.detect(new cv.Mat(4000, 3000, cv.CV_8UC3, [90, 90, 90]));
    expect(detector.description).toBe('YuNet (ONNX Runtime, 864x1152)');
  });

  test('faces below the minimum height are left out', async () => {
    const detector = createYunetDetector({ ...options, file, minFace: 300, runtime: 'onnxruntime' });
    expect(await detector.detect(frame)).toEqual([]);
  });

  test('new limits hold from the next frame on; a new input size frees the old runtime', async () => {
    const created = vi.spyOn(InferenceSession, 'create');
    const detector = createYunetDetector({ ...options, file, runtime: 'onnxruntime' });
    expect(await detector.detect(frame)).toHaveLength(1);
    detector.adjust({ ...options, minFace: 300 });
    expect(await detector.detect(frame)).toEqual([]);
    detector.adjust({ ...options, minScore: 0.99 });
    expect(await detector.detect(frame)).toEqual([]);
    expect(created).toHaveBeenCalledTimes(1);
    const released = vi.spyOn(await created.mock.results[0]!.value, 'release');
    detector.adjust({ ...options, inputWidth: 640 });
    expect(await detector.detect(frame)).toHaveLength(1);
    expect(detector.description).toBe('YuNet (ONNX Runtime, 640x480)');
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
    const detector = createYunetDetector({ ...options, file, runtime: 'onnxruntime' });
    expect(await detector.detect(strip)).toEqual([]);
  });

  test('a file that is not the pinned one is refused with exit code 65', () => {
    const bytes = readFileSync(file);
    bytes[1000]! ^= 1;
    const forged = join(scratch, yunetFile);
    writeFileSync(forged, bytes);
    for (const detector of ['auto', 'yunet'] as const) {
      expect(() => chooseDetector({ ...options, detector, modelsDir: scratch })).toThrow(
        expect.objectContaining({
          name: 'MienError',
          code: exitCode.badData,
          message: expect.stringMatching(
            /is not the pinned YuNet \(expected sha256 8f2383e4dd3c\.\.\., got [0-9a-f]{12}\.\.\.\)$/,
          ),
          remedy: 'Delete it and fetch it again with: mien models pull yunet',
        }),
      );
    }
  });
});

test('the input keeps the shape of the frame, in steps of 32, within bounds', () => {
  const sizeOf = (cols: number, rows: number, most = 320) => {
    const { width, height } = inputSize({ cols, rows }, most);
    return `${width}x${height}`;
  };
  expect(sizeOf(640, 480)).toBe('320x256');
  expect(sizeOf(1920, 1080)).toBe('320x192');
  expect(sizeOf(480, 640)).toBe('320x448');
  expect(sizeOf(300, 200, 640)).toBe('320x224');
  expect(sizeOf(20, 20)).toBe('128x128');
  expect(sizeOf(10, 20_000)).toBe('128x1280');
});

test('the Haar cascade finds the visitor of the built-in clip', async () => {
  const detector = createHaarDetector(options);
  const [found, ...others] = await detector.detect(frame);
  expect(others).toEqual([]);
  expect(found!.score).toBe(1);
  expect(iou(found!.box, face)).toBeGreaterThan(0.5);
  detector.adjust({ ...options, minFace: 400 });
  expect(await detector.detect(frame)).toEqual([]);
});

test('the Haar cascade finds the visitor in a reduced frame, in pixels of the full picture', async () => {
  const half = frame.resize(240, 320);
  const [found] = await createHaarDetector({ ...options, minFace: 100 }).detect(half, 2);
  expect(iou(found!.box, face)).toBeGreaterThan(0.5);
  half.release();
});

test('the Haar cascade finds no face in a very narrow picture', async () => {
  expect(await createHaarDetector(options).detect(greyPicture(90, 20_000, 2))).toEqual([]);
});

test('without YuNet and BlazeFace the cascade is used, and the warning gives the remedy', () => {
  const modelsDir = join(scratch, 'none');
  const { detector, warning } = chooseDetector({ ...options, detector: 'auto', modelsDir });
  expect(detector).toMatchObject({ boxKind: 'haar', description: 'Haar cascade (OpenCV, 320 px)' });
  expect(warning).toBe(
    'Faces are found by the older Haar cascade, which misses turned and small ones. Get YuNet or BlazeFace with: mien models pull',
  );
  expect(chooseDetector({ ...options, detector: 'haar', modelsDir }).warning).toBeUndefined();
});

test.each([
  ['yunet', yunetFile],
  ['blazeface', blazefaceFile],
] as const)('a requested but missing %s is an error with its remedy, exit code 66', (detector, file) => {
  expect(() => chooseDetector({ ...options, detector, modelsDir: join(scratch, 'none') })).toThrow(
    expect.objectContaining({
      name: 'MienError',
      code: exitCode.noInput,
      message: `Model missing: ${join(scratch, 'none', file)}`,
      remedy: `Fetch it with: mien models pull ${detector}`,
    }),
  );
});

describe.skipIf(!blazefaceDir)('BlazeFace (skipped where its file is absent; get it with: mien models pull)', () => {
  const folder = join(scratch, 'blazeface');

  test('is used where YuNet is absent, and the note says how to get YuNet', () => {
    mkdirSync(folder);
    copyFileSync(join(blazefaceDir!, blazefaceFile), join(folder, blazefaceFile));
    const chosen = chooseDetector({ ...options, detector: 'auto', modelsDir: folder });
    expect(chosen).toMatchObject({ detector: { boxKind: 'blazeface', description: 'BlazeFace' } });
    expect(chosen.warning).toBeUndefined();
    expect(chosen.note).toBe(
      'Faces are found by BlazeFace, because YuNet is not there. Get YuNet with: mien models pull yunet',
    );
    // No note where the detector was requested by name.
    const asked = chooseDetector({ ...options, detector: 'blazeface', modelsDir: folder });
    expect([asked.detector.boxKind, asked.note, asked.warning]).toEqual(['blazeface', undefined, undefined]);
  });

  test.skipIf(!yunetDir)('is not used where YuNet is present', () => {
    copyFileSync(join(yunetDir!, yunetFile), join(folder, yunetFile));
    const { detector, note } = chooseDetector({ ...options, detector: 'auto', modelsDir: folder });
    expect([detector.boxKind, note]).toEqual(['yunet', undefined]);
  });

  test('with a file that is not the pinned one is refused with exit code 65', () => {
    const forged = join(scratch, 'forged');
    mkdirSync(forged);
    writeFileSync(join(forged, blazefaceFile), 'not it');
    expect(() => chooseDetector({ ...options, detector: 'auto', modelsDir: forged })).toThrow(
      expect.objectContaining({
        code: exitCode.badData,
        message: expect.stringMatching(/is not the pinned BlazeFace \(expected sha256 427cbbe0fc41\.\.\., got/),
        remedy: 'Delete it and fetch it again with: mien models pull blazeface',
      }),
    );
  });
});

test('a system without any detector names both remedies, exit code 69', () => {
  expect(() => createHaarDetector({ ...options, folders: ['/nowhere', '/neither'] })).toThrow(
    expect.objectContaining({
      name: 'MienError',
      code: exitCode.unavailable,
      message: "No face detector: neither YuNet's or BlazeFace's file nor OpenCV's Haar cascade in /nowhere, /neither",
      remedy:
        'Fetch YuNet or BlazeFace with: mien models pull; or install the cascade with: apt-get install opencv-data',
    }),
  );
});

test('OpenCV was built as Mien needs it', () => {
  expect(cv.xmodules).toMatchObject({ objdetect: true, dnn: true });
});
