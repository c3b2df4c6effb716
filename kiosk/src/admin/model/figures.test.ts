import { expect, test } from 'vitest';
import { classFigures, rowShares, weakest } from './figures.ts';

const metrics = {
  split: 'test',
  n: 14,
  accuracy: 0.5,
  macroF1: 0.59,
  precision: { happy: 0.8, sad: 0.5 },
  recall: { happy: 0.9, sad: 0.25 },
  f1: { happy: 0.85, sad: 0.33 },
  confusion: [
    [9, 1],
    [3, 1],
  ],
};

test('rows are shares of the faces that show the class', () => {
  expect(rowShares(metrics.confusion)).toEqual([
    [0.9, 0.1],
    [0.75, 0.25],
  ]);
  expect(rowShares([[0, 0]])).toEqual([[0, 0]]);
});

test('the weakest class is the one that is found least', () => {
  const figures = classFigures(['happy', 'sad'], metrics);
  expect(figures[0]).toEqual({ label: 'happy', precision: 0.8, recall: 0.9, f1: 0.85, support: 10 });
  expect(weakest(figures)?.label).toBe('sad');
  expect(weakest([])).toBeUndefined();
});
