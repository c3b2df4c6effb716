import { expect, test } from 'vitest';
import type { Reduction } from '../camera/source.ts';
import type { Mat } from '../core/opencv.ts';
import { sharpEnough } from './reduced.ts';

const frame = { name: 'frame' } as unknown as Mat;

function faceOf(height: number) {
  return { track: 7, detection: { box: { x: 80, y: 40, width: height, height }, score: 0.9 } };
}

/** What is chosen for faces of these heights, of a picture that was made this many times smaller. */
function choose(scale: Reduction, ...heights: number[]) {
  const decoded: [Reduction, string][] = [];
  const reduced = {
    scale,
    decode(by: Reduction, colour: string) {
      decoded.push([by, colour]);
      return { name: `by ${by}` } as unknown as Mat;
    },
  };
  return { ...sharpEnough({ frame, reduced, faces: heights.map(faceOf), cropHeight: 48 }), decoded };
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
  expect(sharpEnough({ frame, reduced: undefined, faces: [faceOf(20)], cropHeight: 48 }).mat).toBe(frame);
});
