import { expect, test } from 'vitest';
import { matchFrame, type ReferenceFace } from './matching.ts';

const box = (x: number, height: number) => ({ x, y: 0, width: height, height });
const certain = (x: number, height: number): ReferenceFace => ({ box: box(x, height), isCertain: true });
const doubtful = (x: number, height: number): ReferenceFace => ({ box: box(x, height), isCertain: false });
const shown = (x: number, height: number, track = 1) => ({ box: box(x, height), track });

test('a face is found if the boxes overlap by half, else missed; an unmatched box is wrong', () => {
  const { found, missed, wrong } = matchFrame(
    [certain(0, 40), certain(200, 40)],
    [shown(5, 40), shown(230, 40, 2)],
    24,
  );
  expect(found.map((pair) => pair.shown.track)).toEqual([1]);
  expect(missed).toEqual([certain(200, 40)]);
  expect(wrong.map(({ track }) => track)).toEqual([2]);
});

test('of two boxes on one face the closer one matches, and the other is wrong', () => {
  const { found, wrong } = matchFrame([certain(0, 40)], [shown(10, 40, 1), shown(1, 40, 2)], 24);
  expect(found.map((pair) => pair.shown.track)).toEqual([2]);
  expect(wrong.map(({ track }) => track)).toEqual([1]);
});

test('possible and small faces of the reference are ignored, shown or not', () => {
  const reference = [doubtful(0, 40), certain(100, 20)];
  expect(matchFrame(reference, [], 24)).toEqual({ found: [], missed: [], wrong: [] });
  expect(matchFrame(reference, [shown(0, 40), shown(100, 20)], 24)).toEqual({ found: [], missed: [], wrong: [] });
});

test('near the minimum height the height in the reference decides, not the shown height', () => {
  expect(matchFrame([certain(0, 24.2)], [shown(0, 23.8)], 24).found).toHaveLength(1);
  expect(matchFrame([certain(0, 23.8)], [shown(0, 24.2)], 24)).toEqual({ found: [], missed: [], wrong: [] });
});
