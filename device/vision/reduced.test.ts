import { expect, test } from 'vitest';
import { openJpeg } from '../camera/jpeg-reader.ts';
import { openSource } from '../camera/open.ts';
import type { Reduction } from '../camera/source.ts';
import { configSchema } from '../config/schema.ts';
import { iou } from '../core/boxes.ts';
import { cv, type Mat } from '../core/opencv.ts';
import { modelsDir } from '../lab/fixtures/shared.ts';
import { createPipeline } from './pipeline.ts';
import { atCropScale } from './reduced.ts';

const frame = { name: 'frame' } as unknown as Mat;

function faceOf(height: number) {
  return { track: 7, detection: { box: { x: 80, y: 40, width: height, height }, score: 0.9 } };
}

/** What is chosen for faces of these heights, of a picture that was made this many times smaller. */
function choose(scale: Reduction, ...heights: number[]) {
  const decoded: [Reduction, string][] = [];
  const reduced = {
    scale,
    targetScale: scale,
    decode(by: Reduction, colour: string) {
      decoded.push([by, colour]);
      return { name: `by ${by}` } as unknown as Mat;
    },
  };
  return { ...atCropScale({ frame, reduced, faces: heights.map(faceOf), cropHeight: 48 }), decoded };
}

test('faces that have pixels enough in the smaller picture are cut from it', () => {
  const { mat, faces, decoded } = choose(4, 192, 400);
  expect(mat).toBe(frame);
  expect(decoded).toEqual([]);
  expect(faces[0]).toEqual({ track: 7, detection: { box: { x: 20, y: 10, width: 48, height: 48 }, score: 0.9 } });
});

test.each([
  { scale: 4, height: 191, by: 2 },
  { scale: 4, height: 96, by: 2 },
  { scale: 4, height: 95, by: 1 },
  { scale: 8, height: 200, by: 4 },
  { scale: 2, height: 20, by: 1 },
] as const)('a face of $height px is cut from a picture $by times smaller, not $scale', ({ scale, height, by }) => {
  const { faces, decoded } = choose(scale, 600, height);
  expect(decoded).toEqual([[by, 'grey']]);
  expect(faces[1]!.detection.box).toEqual({ x: 80 / by, y: 40 / by, width: height / by, height: height / by });
});

test('a picture that was decoded whole is taken as it is', () => {
  expect(choose(1, 20)).toMatchObject({ mat: frame, decoded: [], faces: [faceOf(20)] });
  expect(atCropScale({ frame, reduced: undefined, faces: [faceOf(20)], cropHeight: 48 }).mat).toBe(frame);
});

/** Frame 120 of the built-in clip, with one visitor near the camera, `by` times smaller in the corner of a picture of its size. */
async function visitor(by: number): Promise<Buffer> {
  const options = { width: 640, height: 480, fps: 24, loop: false, pace: 'max' } as const;
  const source = await openSource('demo', options);
  for (;;) {
    const { index, mat } = (await source.read(new AbortController().signal))!;
    if (index < 120) {
      mat.release();
      continue;
    }
    source.close();
    const small = mat.resize(480 / by, 640 / by, 0, 0, cv.INTER_AREA);
    const grey = new cv.Vec3(90, 90, 90);
    const picture = small.copyMakeBorder(0, 480 - small.rows, 0, 640 - small.cols, cv.BORDER_CONSTANT, grey);
    return cv.imencode('.jpg', picture, [cv.IMWRITE_JPEG_QUALITY, 90]);
  }
}

test.each([
  ['near the camera', 1],
  ['further away, cut from more of the picture', 2],
])('a face in a smaller version is where it is in the picture, and shows the same: %s', async (_what, by) => {
  const { detect, classify } = configSchema.parse({});
  const track = { smoothingMs: 0, lostMs: 1000, confirmMs: 0 };
  const see = async (targetWidth: number) => {
    const pipeline = await createPipeline({ modelsDir, detect, classify: { ...classify, precision: 'fp32' }, track });
    const { mat, jpeg } = openJpeg(await visitor(by), () => targetWidth)!;
    const faces = await pipeline.process(mat, 0, jpeg);
    return { scale: jpeg.scale, face: faces[0]!, count: faces.length };
  };
  const whole = await see(640);
  const half = await see(320);
  expect([whole.scale, half.scale, whole.count, half.count]).toEqual([1, 2, 1, 1]);
  expect(iou(half.face.box, whole.face.box)).toBeGreaterThan(0.9);
  for (const [label, probability] of Object.entries(whole.face.probabilities)) {
    expect(Math.abs(half.face.probabilities[label]! - probability)).toBeLessThan(0.15);
  }
});
