import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { beforeAll, expect, test } from 'vitest';
import { openSource } from '../camera/open.ts';
import { demoClip } from '../camera/source-spec.ts';
import { configSchema } from '../config/schema.ts';
import { cv } from '../core/opencv.ts';
import { writeClip } from '../lab/fixtures/pictures.ts';
import { scratchFolder } from '../lab/fixtures/scratch.ts';
import { modelsDir } from '../lab/fixtures/shared.ts';
import { annotatedJpeg, plainJpeg } from './jpeg.ts';
import { createPipeline, type Pipeline } from './pipeline.ts';

/**
 * Mats that nobody released and that still hold pixels, counted by the package's own allocator: no noise, unlike the memory
 * of the process. A Mat that was forgotten counts until the garbage collector finds it, which a few frames do not wake.
 */
function heldMats(): number {
  const { NumAllocations, NumDeAllocations } = cv.getMemMetrics();
  return NumAllocations - NumDeAllocations;
}

const scratch = scratchFolder();
const settings = configSchema.parse({});
const options = { ...settings.camera, loop: false, pace: 'max', targetWidth: () => 320 } as const;
const { signal } = new AbortController();
let pipeline: Pipeline;

beforeAll(async () => {
  pipeline = await createPipeline({ ...settings, modelsDir, track: { ...settings.track, confirmMs: 0 } });
  const frame = new cv.Mat(240, 320, cv.CV_8UC3);
  await pipeline.process(frame, 0);
  frame.release();
});

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** What was left before (the detector's other runtime, which was only measured) goes now and not in the middle of a count. */
async function heldMatsBefore(): Promise<number> {
  collectGarbage();
  // The package lets go of what a collected Mat held in a later turn.
  await new Promise((resolve) => setImmediate(resolve));
  return heldMats();
}

/** Opens the source, does with its frames all that the vision process does, and closes it before its end. */
async function play(spec: string, frames: number): Promise<number> {
  const source = await openSource(spec, options);
  let faces = 0;
  for (let count = 0; count < frames; count++) {
    let asked = 0;
    const isWanted = () => asked++ % 2 === 1;
    const frame = await source.read(signal, { isThumbnail: pipeline.isIdle, isPrefetch: count % 2 === 1, isWanted });
    if (!frame) break;
    const seen = await pipeline.process(frame.mat, performance.now(), frame.jpeg);
    faces += seen.length;
    plainJpeg(frame, 75);
    annotatedJpeg(frame, seen, 75);
    frame.mat.release();
  }
  source.close();
  return faces;
}

/** Every other frame of the built-in clip's, in which there are faces, as Motion JPEG. */
function clipAsAvi(): string {
  const path = join(scratch, 'faces.avi');
  const capture = new cv.VideoCapture(demoClip, cv.CAP_FFMPEG);
  const writer = new cv.VideoWriter(path, cv.VideoWriter.fourcc('MJPG'), 24, new cv.Size(640, 480));
  for (let index = 0; index < 120; index++) {
    const frame = capture.read();
    if (index >= 60 && index % 2 === 0) writer.write(frame);
    frame.release();
  }
  writer.release();
  capture.release();
  return path;
}

function damagedAvi(): string {
  const path = join(scratch, 'damaged.avi');
  writeClip(path, { frames: 6 });
  const bytes = readFileSync(path);
  const second = bytes.indexOf(Buffer.from('ffd8ff', 'hex'), bytes.indexOf(Buffer.from('ffd8ff', 'hex')) + 1);
  writeFileSync(path, bytes.fill(0, second, second + 20));
  return path;
}

function pictures(): string {
  const folder = join(scratch, 'pictures');
  mkdirSync(folder);
  const picture = new cv.Mat(96, 128, cv.CV_8UC3);
  for (let index = 0; index < 3; index++) cv.imwrite(join(folder, `${index}.jpg`), picture);
  picture.release();
  return folder;
}

test.each([
  ['a recording', () => demoClip, 15],
  ['undecoded Motion JPEG with faces', clipAsAvi, 20],
  ['one with a damaged frame', damagedAvi, 6],
  ['a folder of pictures', pictures, 2],
])('no picture is held after it was looked at: %s', async (_what, make, frames) => {
  const spec = make();
  // What is made once and kept: the network's input, the measured runtime, OpenCV's own tables.
  await play(spec, frames);
  const before = await heldMatsBefore();
  for (let round = 0; round < 2; round++) await play(spec, frames);
  expect(heldMats()).toBe(before);
});

test('faces were among them', async () => {
  expect(await play(join(scratch, 'faces.avi'), 30)).toBeGreaterThan(10);
});

test('a source that cannot be opened holds nothing', async () => {
  const empty = join(scratch, 'empty.avi');
  writeFileSync(empty, readFileSync(join(scratch, 'faces.avi')).subarray(0, 5000));
  const fail = () =>
    openSource(empty, options).then(
      (source) => source.close(),
      () => {},
    );
  await fail();
  const before = await heldMatsBefore();
  for (let round = 0; round < 5; round++) await fail();
  expect(heldMats()).toBe(before);
});
