import { expect, test } from 'vitest';
import { formatTop, topOf } from './scale.ts';

test.each([
  [0, 10, '10 sec'],
  [31, 60, '1 min'],
  [60, 60, '1 min'],
  [700, 900, '15 min'],
  [4000, 7200, '2 hr'],
  [36_001, 72_000, '20 hr'],
])('the scale for columns of up to %d s ends at a round duration', (max, top, name) => {
  expect(topOf(max)).toBe(top);
  expect(formatTop(top)).toBe(name);
});
