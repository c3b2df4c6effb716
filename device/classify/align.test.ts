import { describe, expect, test } from 'vitest';
import { mouthOf } from '../core/landmarks.ts';
import { readCard } from '../core/model-card.ts';
import type { Landmarks, Point } from '../core/types.ts';
import { modelsDir } from '../lab/fixtures/shared.ts';
import { alignCrop } from './align.ts';
import { cropSquare } from './crop.ts';

const card = readCard(modelsDir, 'simple-cnn');
const { landmarks: template, box } = card.crop;
const boxed = cropSquare({ x: 150, y: 100, width: 80, height: 100 }, { ...box.yunet, dx: 0, dy: 0 });

/** The card's landmarks, transformed with the whole crop. */
function landmarksAt(place: (point: Point) => Point): Landmarks {
  const points = Object.entries(template).map(([mark, [x, y]]) => [mark, place({ x, y })]);
  return Object.fromEntries(points) as unknown as Landmarks;
}

/** A rotated crop of this side around this point. */
const placed =
  (center: Point, side: number, roll: number) =>
  ({ x, y }: Point): Point => {
    const [u, v] = [((x - 24) * side) / 48, ((y - 24) * side) / 48];
    const [cos, sin] = [Math.cos(roll), Math.sin(roll)];
    return { x: center.x + cos * u - sin * v, y: center.y + sin * u + cos * v };
  };

test('a face whose landmarks match its box keeps the crop of the box', () => {
  const aligned = alignCrop(boxed, landmarksAt(placed(boxed.center, boxed.width, 0)), card);
  expect(aligned.center.x).toBeCloseTo(boxed.center.x, 9);
  expect(aligned.center.y).toBeCloseTo(boxed.center.y, 9);
  expect(aligned.width).toBeCloseTo(boxed.width, 9);
  expect(aligned.height).toBeCloseTo(boxed.height, 9);
  expect(aligned.roll).toBeCloseTo(0, 9);
});

test.each([-40, -12, 25])('a head tilted by %d degrees is rotated upright', (degrees) => {
  const roll = (degrees * Math.PI) / 180;
  const aligned = alignCrop(boxed, landmarksAt(placed(boxed.center, boxed.width, roll)), card);
  expect(aligned.roll).toBeCloseTo(roll, 9);
  expect(aligned.width).toBeCloseTo(boxed.width, 9);
});

test('the middle of the mouth alone gives the same crop as its corners', () => {
  const roll = 0.3;
  const { mouthLeft, mouthRight, ...rest } = landmarksAt(placed({ x: 120, y: 90 }, 1.2 * boxed.width, roll));
  const ears = { earLeft: rest.eyeLeft, earRight: rest.eyeRight };
  const known = { ...rest, mouthLeft: mouthLeft!, mouthRight: mouthRight! };
  const mouth = mouthOf(known as Landmarks);
  const byMiddle = alignCrop(boxed, { ...rest, ...ears, mouth, mouthLeft: undefined, mouthRight: undefined }, card);
  const byCorners = alignCrop(boxed, known as Landmarks, card);
  expect(byMiddle.roll).toBeCloseTo(roll, 9);
  for (const key of ['width', 'height'] as const) expect(byMiddle[key]).toBeCloseTo(byCorners[key], 9);
  expect(byMiddle.center.x).toBeCloseTo(byCorners.center.x, 9);
  expect(byMiddle.center.y).toBeCloseTo(byCorners.center.y, 9);
});

test('position and size are halfway between box and landmarks', () => {
  const { x, y } = boxed.center;
  const aligned = alignCrop(boxed, landmarksAt(placed({ x: x + 10, y: y - 6 }, 1.44 * boxed.width, 0)), card);
  expect(aligned.center.x).toBeCloseTo(x + 5, 9);
  expect(aligned.center.y).toBeCloseTo(y - 3, 9);
  expect(aligned.width).toBeCloseTo(1.2 * boxed.width, 9);
});

describe('a head that is turned to the side', () => {
  const side = placed(boxed.center, boxed.width, 0);
  /** Eyes and mouth at this share of their frontal width, the nose on the cheek. */
  const profile = (share: number) => {
    const marks = landmarksAt(({ x, y }) => side({ x: 24 + share * (x - 24) + 8 * (1 - share), y }));
    return { ...marks, nose: { x: marks.nose.x + 20, y: marks.nose.y } };
  };

  test('is neither rotated nor made smaller', () => {
    const aligned = alignCrop(boxed, profile(0.35), card);
    expect(Math.abs(aligned.roll)).toBeLessThan(0.02);
    expect(aligned.width / boxed.width).toBeGreaterThan(0.8);
    expect(aligned.width / boxed.width).toBeLessThan(1);
  });

  test('does not depend on the nose', () => {
    const marks = profile(0.6);
    const nose = { x: marks.nose.x + 15, y: marks.nose.y - 9 };
    expect(alignCrop(boxed, { ...marks, nose }, card)).toEqual(alignCrop(boxed, marks, card));
  });
});
