import { expect, test } from 'vitest';
import { judge } from './reference.ts';

const sight = (x: number, score: number) => ({ box: { x, y: 0, width: 40, height: 40 }, score });

test('certain where one width is sure and the other sees it too, however weakly', () => {
  expect(judge([[sight(0, 0.3)], [sight(2, 0.9)]])).toEqual([{ box: sight(2, 0.9).box, isCertain: true }]);
});

test.each([
  ['one width alone', [[], [sight(0, 0.95)]]],
  ['neither width is sure', [[sight(0, 0.8)], [sight(0, 0.84)]]],
])('doubtful: %s', (_, sights) => {
  expect(judge(sights)).toMatchObject([{ isCertain: false }]);
});

test('weak and implausible ones (0) are nothing, and each face is told once', () => {
  expect(judge([[sight(0, 0.49)], [sight(0, 0)]])).toEqual([]);
  expect(
    judge([
      [sight(0, 0.9), sight(100, 0.9)],
      [sight(3, 0.95), sight(98, 0.6)],
    ]),
  ).toHaveLength(2);
});
