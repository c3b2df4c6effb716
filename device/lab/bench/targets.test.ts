import { expect, test } from 'vitest';
import { isMet, targetRows } from './targets.ts';

test.each([
  [{ least: 5 }, 5, true],
  [{ least: 5 }, 4.9, false],
  [{ most: 5 }, 5, true],
  [{ most: 5 }, 5.1, false],
  [{ exactly: 0 }, 0, true],
  [{ exactly: 0 }, 1, false],
  [{ least: 5 }, Number.NaN, false],
  [{ most: 5 }, Number.NaN, false],
  [{ exactly: 5 }, Number.NaN, false],
])('%o and %d: %s', (limit, measured, met) => {
  expect(isMet({ what: 'any', limit, measured })).toBe(met);
});

test('a row says bound, unit and verdict', () => {
  expect(targetRows([{ what: 'rate', limit: { least: 90 }, measured: 85, unit: 'frames/s' }])).toEqual([
    { target: 'rate', limit: '>= 90 frames/s', measured: 85, met: 'NO' },
  ]);
});
