import { describe, expect, test } from 'vitest';
import { numbersFrom } from '../../core/seeded-numbers.ts';
import { median, type Point, quantile, studentQuantile, trendOf } from './statistics.ts';

test('quantiles by nearest rank, whatever the order; the median between two', () => {
  const values = [5, 1, 4, 2, 3];
  expect([0, 0.5, 0.99].map((q) => quantile(values, q))).toEqual([1, 3, 5]);
  expect(values).toEqual([5, 1, 4, 2, 3]);
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([9, 1, 5])).toBe(5);
  expect([quantile([], 0.5), median([])]).toEqual([Number.NaN, Number.NaN]);
});

test.each([
  [1, 12.706],
  [2, 4.303],
  [3, 3.182],
  [5, 2.571],
  [18, 2.101],
  [60, 2.0],
])('Student quantile of %d degrees of freedom, as in the tables', (degrees, expected) => {
  expect(Math.abs(studentQuantile(degrees) / expected - 1)).toBeLessThan(0.01);
});

describe('trend', () => {
  /** A sawtooth, as from a garbage collector, plus noise and the trend `slope`. */
  const memory = (seed: number, slope: number): Point[] => {
    const next = numbersFrom(seed);
    return Array.from({ length: 400 }, (_, x) => ({ x, y: 200 + slope * x + ((x * 7) % 45) / 3 + next() }));
  };

  test('of an exact line is that line', () => {
    const line = Array.from({ length: 100 }, (_, x) => ({ x, y: 3 + 0.5 * x }));
    const { slope, low, high } = trendOf(line)!;
    for (const value of [slope, low, high]) expect(value).toBeCloseTo(0.5, 9);
  });

  test('finds a leak that the sawtooth hides', () => {
    const { slope, low, high } = trendOf(memory(1, 0.02))!;
    expect(low).toBeGreaterThan(0);
    expect(slope).toBeCloseTo(0.02, 2);
    expect(high).toBeLessThan(0.05);
  });

  test('without a leak has zero in its interval in at least 90 % of the runs', () => {
    const holdsZero = (seed: number) => {
      const { low, high } = trendOf(memory(seed, 0))!;
      return low <= 0 && high >= 0;
    };
    const seeds = Array.from({ length: 100 }, (_, index) => index + 1);
    expect(seeds.filter(holdsZero).length).toBeGreaterThanOrEqual(90);
  });

  test('of correlated noise is no leak; single samples instead of blocks would report one', () => {
    const wander = (seed: number): Point[] => {
      const next = numbersFrom(seed);
      let y = 0;
      return Array.from({ length: 2000 }, (_, x) => {
        y = 0.9 * y + next() - 0.5;
        return { x, y };
      });
    };
    const wrong = (blocks: number) =>
      Array.from({ length: 60 }, (_, seed) => trendOf(wander(seed + 1), blocks)!).filter(
        ({ low, high }) => low > 0 || high < 0,
      ).length;
    expect(wrong(20)).toBeLessThanOrEqual(9);
    expect(wrong(2000)).toBeGreaterThan(20);
  });

  test('needs three blocks', () => {
    expect(trendOf([{ x: 0, y: 1 }])).toBeUndefined();
  });
});
