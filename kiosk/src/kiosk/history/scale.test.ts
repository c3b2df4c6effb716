import { expect, test } from 'vitest';
import { formatTop, topOf } from './scale.ts';

test.each([
  [0, 10, '10 sec'],
  [31, 60, '1 min'],
  [60, 60, '1 min'],
  [700, 900, '15 min'],
  [4000, 7200, '2 hr'],
  [36_001, 72_000, '20 hr'],
])('columns of up to %d s stand under a round duration', (most, top, name) => {
  expect(topOf(most)).toBe(top);
  expect(formatTop(top)).toBe(name);
});
