import { expect, test } from 'vitest';
import type { Detection, Landmarks, Point } from '../core/types.ts';
import { recorded } from '../lab/fixtures/recorded.ts';
import { isPlausible } from './plausible.ts';

/** Strong detections of people. */
const faces = [
  'bird',
  'sorry',
  'classroom',
  'face-demographics-walking',
  'face-demographics-walking-and-pause',
  'head-pose-face-detection-female',
  'head-pose-face-detection-male',
].flatMap((name) => recorded(name).flatMap(({ detections }) => detections.filter(({ score }) => score >= 0.7)));

test('every face in the recordings is plausible, including faces turned to the side', () => {
  expect(faces.length).toBeGreaterThan(500);
  expect(faces.filter((face) => !isPlausible(face))).toEqual([]);
});

test.each([20, -20, 45, -45])('a head tilted by %i degrees is plausible', (degrees) => {
  const [face] = faces;
  expect(isPlausible(withPoints(face!, turnedBy(degrees, middleOf(face!))))).toBe(true);
});

test('a hand that resembles a profile is not plausible', () => {
  // Frames 33 to 35 of the recording: 0.63, 0.81, 0.79.
  const hand = recorded('again')
    .slice(33, 36)
    .flatMap(({ detections }) => detections.slice(1, 2));
  expect(hand.map(({ score }) => score)).toEqual([0.63, 0.81, 0.79]);
  expect(hand.filter(isPlausible)).toEqual([]);
});

test('a second box beside a face and the back of a head are not plausible', () => {
  const beside = recorded('classroom').flatMap(({ detections }) => detections.filter(({ score }) => score < 0.5));
  expect(beside.length).toBeGreaterThan(30);
  expect(beside.filter(isPlausible)).toEqual([]);
  const behind = recorded('one-by-one-person-detection-20s').flatMap(({ detections }) => detections);
  expect(behind.filter(isPlausible).length / behind.length).toBeLessThan(0.4);
});

const [face] = faces;
const { eyeLeft, eyeRight, nose } = face!.landmarks!;
const [mouthLeft, mouthRight] = [face!.landmarks!.mouthLeft!, face!.landmarks!.mouthRight!];

test.each<[string, Partial<Record<'eyeLeft' | 'eyeRight' | 'nose' | 'mouthLeft' | 'mouthRight', Point>>]>([
  ['mirrored eyes', { eyeLeft: eyeRight, eyeRight: eyeLeft }],
  ['a mirrored mouth', { mouthLeft: mouthRight, mouthRight: mouthLeft }],
  ['the mouth above the eyes', { eyeLeft: mouthLeft, eyeRight: mouthRight, mouthLeft: eyeLeft, mouthRight: eyeRight }],
  ['the nose above the eyes', { nose: { x: nose.x, y: 2 * eyeLeft.y - nose.y } }],
  ['the nose in the chin', { nose: { x: nose.x, y: 2 * mouthLeft.y - nose.y } }],
  ['an eye outside of the box', { eyeRight: { x: face!.box.x + 1.3 * face!.box.width, y: eyeRight.y } }],
  ['one eye', { eyeLeft: eyeRight }],
  ['everything in one point', { eyeLeft: nose, eyeRight: nose, mouthLeft: nose, mouthRight: nose }],
])('%s: not plausible', (_, wrong) => {
  expect(isPlausible({ ...face!, landmarks: { eyeLeft, eyeRight, nose, mouthLeft, mouthRight, ...wrong } })).toBe(
    false,
  );
});

test('a face upside down is not plausible', () => {
  expect(isPlausible(withPoints(face!, turnedBy(180, middleOf(face!))))).toBe(false);
});

test('a detection without landmarks is plausible', () => {
  expect(isPlausible({ box: face!.box, score: 1 })).toBe(true);
});

function withPoints(detection: Detection, map: (point: Point) => Point): Detection {
  const points = Object.entries(detection.landmarks!).map(([name, point]) => [name, map(point)]);
  return { ...detection, landmarks: Object.fromEntries(points) as unknown as Landmarks };
}

function middleOf({ box }: Detection): Point {
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

function turnedBy(degrees: number, around: Point): (point: Point) => Point {
  const cos = Math.cos((degrees * Math.PI) / 180);
  const sin = Math.sin((degrees * Math.PI) / 180);
  return ({ x, y }) => ({
    x: around.x + cos * (x - around.x) - sin * (y - around.y),
    y: around.y + sin * (x - around.x) + cos * (y - around.y),
  });
}
