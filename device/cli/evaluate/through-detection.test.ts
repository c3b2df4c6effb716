import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createClassifier } from '../../classify/classifier.ts';
import { mostProbable } from '../../classify/smooth.ts';
import { exitCode } from '../../core/errors.ts';
import { cv, type Mat } from '../../core/opencv.ts';
import type { Detection } from '../../core/types.ts';
import type { Detector } from '../../detect/detector.ts';
import { drawMadeUpFace, faceSide } from '../../lab/fixtures/made-up-faces.ts';
import { Mien } from '../../lab/fixtures/mien.ts';
import { scratchFolder } from '../../lab/fixtures/scratch.ts';
import { modelsDir } from '../../lab/fixtures/shared.ts';
import { averageOf, mirrorRows } from './mirror.ts';
import { paintScene } from './scene.ts';
import { rounded } from './scores.ts';
import { describeThroughDetection, scoreThroughDetection } from './through-detection.ts';

const scratch = scratchFolder();
const classifier = await createClassifier({ modelsDir, model: 'simple-cnn', precision: 'fp32', threads: 1 });
const frame = { width: 320, height: 240 };
const options = { heights: [48, 96], tilt: 0, every: 1, frame };

function madeUpFace(seed: number): Mat {
  const grey = new cv.Mat(Buffer.from(drawMadeUpFace(seed)), faceSide, faceSide, cv.CV_8UC1);
  return grey.cvtColor(cv.COLOR_GRAY2BGR);
}

/** The blue value of a pixel. */
function blueAt(picture: Mat, row: number, column: number): number {
  return picture.getData()[3 * (row * picture.cols + column)]!;
}

/** Made-up faces in folders of their predicted label: for the bare crops all labels are right. */
const folder = join(scratch, 'faces');
/** Number of faces that keep this label when averaged with their mirror image. */
let sameOverTime = 0;
for (let seed = 1; seed <= 12; seed++) {
  const crop = drawMadeUpFace(seed);
  const [seen] = await classifier.classify(crop, 1);
  const [mirrored] = await classifier.classify(mirrorRows(crop, faceSide), 1);
  const label = mostProbable(seen!.probabilities);
  sameOverTime += mostProbable(averageOf(seen!, mirrored!).probabilities) === label ? 1 : 0;
  mkdirSync(join(folder, label), { recursive: true });
  cv.imwrite(join(folder, label, `${seed}.png`), madeUpFace(seed));
}

/** A detector with given results. */
function finding(detect: (frame: Mat) => readonly Detection[]): Detector {
  return {
    description: 'by hand',
    boxKind: 'yunet',
    detectionWidth: (width) => width,
    detect: async (frame) => detect(frame),
    adjust() {},
  };
}

/** The box that maps to the square with this side in the middle of the frame. */
function boxAround(side: number, shift = 0): Detection {
  const { scale, dx, dy } = classifier.card.crop.box.yunet;
  const height = side / scale;
  const [x, y] = [frame.width / 2 - dx * height + shift, frame.height / 2 - dy * height];
  return { box: { x: x - height / 2, y: y - height / 2, width: height, height }, score: 0.9 };
}

test('a perfect detector costs no accuracy; faces in the size of the crops are restored exactly', async () => {
  const sides = [48, 96];
  let call = 0;
  const detector = finding(() => [boxAround(sides[call++ % 2]!)]);
  const [small, large] = await scoreThroughDetection(folder, { classifier, detector }, options);
  const all = { bare: 1, knownPlace: 1, boxCrop: 1, aligned: 1, overTime: rounded(sameOverTime / 12) };
  expect(small).toEqual({ height: 48, faces: 12, found: 12, ofFound: all, ofAll: all });
  expect(large).toMatchObject({ height: 96, found: 12, ofFound: { bare: 1 } });
});

test('--crops writes the crops as the device cuts them', async () => {
  const crops = join(scratch, 'crops');
  await scoreThroughDetection(
    folder,
    { classifier, detector: finding(() => [boxAround(48)]) },
    { ...options, heights: [48], crops },
  );
  const names = readdirSync(crops, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.png'));
  expect(names).toHaveLength(12);
  const third = names.find((name) => name.endsWith('3-48.png'))!;
  expect(cv.imread(join(crops, third), cv.IMREAD_GRAYSCALE).getData()).toEqual(Buffer.from(drawMadeUpFace(3)));
});

test('crops that cannot be written are one error line', async () => {
  const crops = join(scratch, 'file');
  writeFileSync(crops, '');
  const detector = finding(() => [boxAround(48)]);
  await expect(
    scoreThroughDetection(folder, { classifier, detector }, { ...options, heights: [48], crops }),
  ).rejects.toMatchObject({
    code: exitCode.cannotWrite,
    message: expect.stringMatching(/^Crop \S+\/file\/\w+\/\d+-48\.png cannot be written \(E\w+\)$/),
    remedy: 'Pass a writable folder: --crops DIR',
  });
});

test('a missed face is wrong in ofAll, and left out of ofFound', async () => {
  let call = 0;
  // Every other face is found; the other detections are beside the face.
  const detector = finding(() => [boxAround(48, call++ % 2 === 0 ? 0 : 60)]);
  const rows = await scoreThroughDetection(folder, { classifier, detector }, { ...options, heights: [48] });
  expect(rows).toEqual([
    {
      height: 48,
      faces: 12,
      found: 6,
      ofFound: { bare: 1, knownPlace: 1, boxCrop: 1, aligned: 1, overTime: expect.any(Number) },
      ofAll: { bare: 1, knownPlace: 1, boxCrop: 0.5, aligned: 0.5, overTime: expect.any(Number) },
    },
  ]);
  expect(describeThroughDetection(rows)).toMatch(
    /\n {2}48 px {3}50\.0( +100\.0){4} +[\d.]+( +100\.0){2}( +50\.0){2} +[\d.]+\n$/,
  );
});

test('without detections the shares of found faces are null', async () => {
  const rows = await scoreThroughDetection(
    folder,
    { classifier, detector: finding(() => []) },
    { ...options, heights: [24], every: 5 },
  );
  expect(rows[0]).toMatchObject({ faces: 3, found: 0, ofFound: { bare: null, boxCrop: null }, ofAll: { boxCrop: 0 } });
  expect(describeThroughDetection(rows)).toMatch(/24 px {4}0\.0( +-){5} /);
});

test.each([0, 20, -35])('the face is at the reported place, tilted by %d degrees', (tilt) => {
  const crop = madeUpFace(3);
  const { frame: painted, place } = paintScene(crop, { faceHeight: 96, tilt, frame });
  expect([painted.cols, painted.rows]).toEqual([frame.width, frame.height]);
  expect(place).toEqual({ center: { x: 160, y: 120 }, width: 96, height: 96, roll: (tilt * Math.PI) / 180 });
  // A quarter of the face away from its middle, along its own axes.
  const large = crop.resize(96, 96, 0, 0, cv.INTER_CUBIC);
  for (const [u, v] of [
    [-24, -20],
    [24, -20],
    [0, 24],
  ] as const) {
    const [cos, sin] = [Math.cos(place.roll), Math.sin(place.roll)];
    const there = blueAt(painted, Math.round(120 + sin * u + cos * v - 0.5), Math.round(160 + cos * u - sin * v - 0.5));
    expect(Math.abs(there - blueAt(large, 48 + v, 48 + u))).toBeLessThan(12);
  }
});

test('faces that do not fit into the frame, exit code 64', async () => {
  const detector = finding(() => []);
  await expect(
    scoreThroughDetection(folder, { classifier, detector }, { ...options, heights: [48, 130] }),
  ).rejects.toMatchObject({
    code: exitCode.usage,
    message: "Faces of 130 px do not fit (expected 8 to 120 px, half of the frame's height)",
  });
});

test('mien evaluate --through-detection prints a table', async () => {
  const run = new Mien(['evaluate', folder, '--through-detection', '--heights', '48,192', '--every', '3']);
  expect(await run.exited).toBe(0);
  expect(run.stdout).toMatch(
    /^(YuNet|BlazeFace|Haar)[^\n]*, frames of 640x480, model residual-cnn \(int8\)\n4 faces; right labels in %\n/,
  );
  expect(run.stdout).toMatch(/\n {2}48 px [^\n]+\n {1}192 px [^\n]+\n$/);
});

test.each([
  ['--heights', 'tall'],
  ['--tilt', 'left'],
])('mien evaluate %s %s, exit code 64', async (option, value) => {
  const run = new Mien(['evaluate', folder, '--through-detection', option, value]);
  expect(await run.exited).toBe(exitCode.usage);
  expect(run.stdout).toBe('');
});

test.each([
  [
    ['--crops', 'there'],
    'mien: Option --crops needs --through-detection. Add --through-detection, or omit the option\n',
  ],
  [['--through-detection', '--mirrored'], "cannot be used with option '--mirrored'"],
])('mien evaluate %j is refused, because one would be ignored, exit code 64', async (given, message) => {
  const run = new Mien(['evaluate', folder, ...given]);
  expect(await run.exited).toBe(exitCode.usage);
  expect(run.stderr).toContain(message);
});
