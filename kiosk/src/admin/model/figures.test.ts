import { expect, test } from 'vitest';
import { classFigures, evaluationOf, questionOf, rowShares, weakest } from './figures.ts';

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

test('rows are shares of the faces that show the class', () => {
  expect(rowShares(metrics.confusion)).toEqual([
    [0.9, 0.1],
    [0.75, 0.25],
  ]);
  expect(rowShares([[0, 0]])).toEqual([[0, 0]]);
});

test('the weakest class is the one that is found least', () => {
  const figures = classFigures(['happy', 'sad'], metrics);
  expect(figures[0]).toEqual({ label: 'happy', precision: 0.75, recall: 0.9, f1: 18 / 22, support: 10 });
  expect(figures[1]).toEqual({ label: 'sad', precision: 0.5, recall: 0.25, f1: 2 / 6, support: 4 });
  expect(weakest(figures)?.label).toBe('sad');
  expect(weakest(classFigures(['happy'], { n: 1, accuracy: 1 }))).toBeUndefined();
});

test('agreement with people leads where it was measured, and FER-2013 is the comparison', () => {
  const people = { n: 3186, accuracy: 0.88, macroRecall: 0.85 };
  const fer2013 = { n: 3579, accuracy: 0.709 };
  expect(evaluationOf({ ...metrics, people, fer2013 })).toEqual({
    question: 'people',
    leading: { ...people, split: 'test' },
    compared: fer2013,
  });
  expect(evaluationOf(metrics)).toEqual({ question: 'fer2013', leading: metrics, compared: undefined });
});

test('a card that does not say which question it answers is of an older version', () => {
  expect(['people', 'fer2013', undefined].map(questionOf)).toEqual(['people', 'fer2013', 'fer2013']);
});
