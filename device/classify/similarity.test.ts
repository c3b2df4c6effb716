import { expect, test } from 'vitest';
import { numbersFrom } from '../core/seeded-numbers.ts';
import type { Point } from '../core/types.ts';
import { applySimilarity, fitSimilarity, type Similarity } from './similarity.ts';

const corners: readonly Point[] = [
  { x: 15, y: 18 },
  { x: 32, y: 18 },
  { x: 23, y: 29 },
  { x: 17, y: 36 },
  { x: 31, y: 36 },
];

function expectSame(found: Similarity, expected: Similarity): void {
  for (const key of ['a', 'b', 'x0', 'y0'] as const) expect(found[key]).toBeCloseTo(expected[key], 9);
}

test.each<Similarity>([
  { a: 1, b: 0, x0: 0, y0: 0 },
  { a: 2.5, b: 0, x0: -40, y0: 310 },
  { a: 0.3, b: -0.2, x0: 12, y0: 7 },
  { a: -1, b: 0.1, x0: 3, y0: 3 },
])('a similarity is recovered from its mapped points: %o', (expected) => {
  const moved = corners.map((point) => applySimilarity(expected, point));
  expectSame(fitSimilarity(corners, moved), expected);
});

test('rotates from x towards y', () => {
  expect(applySimilarity({ a: 0, b: 1, x0: 0, y0: 0 }, { x: 1, y: 0 })).toEqual({ x: 0, y: 1 });
});

test('for other point sets no similar transform nearby has a smaller error', () => {
  const next = numbersFrom(5);
  const targets = corners.map(({ x, y }) => ({ x: 3 * x + 20 * next(), y: 2 * y + 20 * next() }));
  const squares = (map: Similarity) =>
    corners.reduce((sum, point, index) => {
      const { x, y } = applySimilarity(map, point);
      return sum + (x - targets[index]!.x) ** 2 + (y - targets[index]!.y) ** 2;
    }, 0);
  const best = fitSimilarity(corners, targets);
  for (const key of ['a', 'b', 'x0', 'y0'] as const) {
    for (const step of [-1e-3, 1e-3])
      expect(squares({ ...best, [key]: best[key] + step })).toBeGreaterThan(squares(best));
  }
});

test('two points are enough', () => {
  const from = [
    { x: 0, y: 0 },
    { x: 10, y: 0 },
  ];
  const to = [
    { x: 5, y: 5 },
    { x: 5, y: 25 },
  ];
  expectSame(fitSimilarity(from, to), { a: 0, b: 2, x0: 5, y0: 5 });
});
