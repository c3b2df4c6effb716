import { expect, test } from 'vitest';
import { accuracyOverCoverage, calibrationError, score } from './scores.ts';

test('accuracy, recall, precision and F1 come from the confusion matrix', () => {
  // Rows: truth; columns: predicted. Nobody was truly sad.
  const result = score(
    [
      [6, 2, 0],
      [1, 1, 0],
      [0, 0, 0],
    ],
    ['happy', 'angry', 'sad'],
  );
  expect(result).toEqual({
    n: 10,
    accuracy: 0.7,
    macroRecall: 0.625,
    // F1 of happy 12/15, of angry 2/5; sad has no pictures and takes no part.
    macroF1: 0.6,
    recall: { happy: 0.75, angry: 0.5, sad: null },
    precision: { happy: 0.8571, angry: 0.3333, sad: 0 },
    f1: { happy: 0.8, angry: 0.4, sad: 0 },
    labels: ['happy', 'angry', 'sad'],
    confusion: [
      [6, 2, 0],
      [1, 1, 0],
      [0, 0, 0],
    ],
  });
});

test('the calibration error weighs the gap of each of its bins', () => {
  const sureAndRight = { confidence: 0.95, isHit: true };
  const sureAndWrong = { confidence: 0.95, isHit: false };
  const unsure = { confidence: 0.3, isHit: true };
  expect(calibrationError([sureAndRight, sureAndRight], 15)).toBe(0.05);
  expect(calibrationError([sureAndRight, sureAndWrong], 15)).toBe(0.45);
  // Bins do not make up for each other: 0.05 too little there, 0.7 too little here.
  expect(calibrationError([sureAndRight, sureAndRight, unsure], 15)).toBe(Number(((2 * 0.05 + 0.7) / 3).toFixed(4)));
  // One bin holds both, and then they do.
  expect(calibrationError([sureAndWrong, unsure], 1)).toBe(0.125);
  expect(calibrationError([{ confidence: 1, isHit: true }], 15)).toBe(0);
  expect(calibrationError([], 15)).toBeNull();
});

test('accuracy over coverage: the surest predictions first', () => {
  const predictions = Array.from({ length: 10 }, (_, index) => ({ confidence: (index + 1) / 10, isHit: index !== 0 }));
  expect(accuracyOverCoverage(predictions)).toEqual({
    at: [
      { coverage: 1, accuracy: 0.9, leastConfidence: 0.1 },
      { coverage: 0.9, accuracy: 1, leastConfidence: 0.2 },
      { coverage: 0.8, accuracy: 1, leastConfidence: 0.3 },
      { coverage: 0.7, accuracy: 1, leastConfidence: 0.4 },
    ],
    area: 0.99,
  });
  expect(accuracyOverCoverage([{ confidence: 0.4, isHit: false }]).at[3]).toEqual({
    coverage: 0.7,
    accuracy: 0,
    leastConfidence: 0.4,
  });
  expect(accuracyOverCoverage([])).toMatchObject({
    at: [{ accuracy: null, leastConfidence: null }, {}, {}, {}],
    area: null,
  });
});
