import { expect, test } from 'vitest';
import { judge } from './reference.ts';

const sight = (x: number, score: number) => ({ box: { x, y: 0, width: 40, height: 40 }, score });

test('a face is certain with a high score at one width and a low score at the other', () => {
  expect(judge([[sight(0, 0.3)], [sight(2, 0.9)]])).toEqual([{ box: sight(2, 0.9).box, isCertain: true }]);
});

test.each([
  ['one width alone', [[], [sight(0, 0.95)]]],
  ['no high score at either width', [[sight(0, 0.8)], [sight(0, 0.84)]]],
])('a face is possible, not certain: %s', (_, sights) => {
  expect(judge(sights)).toMatchObject([{ isCertain: false }]);
});

test('weak and implausible detections (score 0) are no faces; each face is returned once', () => {
  expect(judge([[sight(0, 0.49)], [sight(0, 0)]])).toEqual([]);
  expect(
    judge([
      [sight(0, 0.9), sight(100, 0.9)],
      [sight(3, 0.95), sight(98, 0.6)],
    ]),
  ).toHaveLength(2);
});
