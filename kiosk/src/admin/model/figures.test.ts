import { expect, test } from 'vitest';
import { classFigures, evaluationOf, rowShares, weakest } from './figures.ts';

const metrics = {
  split: 'test',
  n: 14,
  accuracy: 0.5,
  macroF1: 0.59,
  confusion: [
    [9, 1],
    [3, 1],
  ],
};

test('rows are shares of the faces of a class', () => {
  expect(rowShares(metrics.confusion)).toEqual([
    [0.9, 0.1],
    [0.75, 0.25],
  ]);
  expect(rowShares([[0, 0]])).toEqual([[0, 0]]);
});

test('the weakest class has the lowest recall', () => {
  const figures = classFigures(['happy', 'sad'], metrics);
  expect(figures[0]).toEqual({ label: 'happy', precision: 0.75, recall: 0.9, f1: 18 / 22, support: 10 });
  expect(figures[1]).toEqual({ label: 'sad', precision: 0.5, recall: 0.25, f1: 2 / 6, support: 4 });
  expect(weakest(figures)?.label).toBe('sad');
  expect(weakest(classFigures(['happy'], { split: 'test', n: 1, accuracy: 1, macroF1: 1 }))).toBeUndefined();
});

test('the question that the model answers comes first, the other one is the comparison', () => {
  const people = { split: 'test', n: 3186, accuracy: 0.88, macroF1: 0.8, macroRecall: 0.85 };
  const fer2013 = { split: 'test', n: 3579, accuracy: 0.709, macroF1: 0.68 };
  const both = { int8: { people, fer2013 }, fp32: { fer2013 } };
  expect(evaluationOf({ answers: 'people', metrics: both }, 'int8')).toEqual({
    question: 'people',
    leading: people,
    compared: fer2013,
  });
  expect(evaluationOf({ answers: 'fer2013', metrics: both }, 'fp32')).toEqual({
    question: 'fer2013',
    leading: fer2013,
    compared: undefined,
  });
  expect(evaluationOf({ answers: 'people', metrics: both }, 'fp32')).toBeUndefined();
});
