import { expect, test } from 'vitest';
import { readCard } from '../core/model-card.ts';
import { modelsDir } from '../lab/fixtures/shared.ts';
import { softmax } from './classifier.ts';
import { offsetsOf, withOffsets } from './sensitivity.ts';

test('offsets are added to logits / temperature', () => {
  const [logits, temperature, offsets] = [[1, 0.2, -0.5], 0.8, { neutral: 0.7, sad: -0.3 }];
  const labels = ['neutral', 'sad', 'happy'];
  const named = (values: readonly number[]) => Object.fromEntries(labels.map((label, at) => [label, values[at]!]));
  const moved = softmax(logits.map((logit, at) => logit / temperature + ([0.7, -0.3][at] ?? 0)));
  const found = withOffsets(named(softmax(logits, temperature)), offsets);
  expect(Object.keys(found)).toEqual(labels);
  for (const [at, label] of labels.entries()) expect(found[label]).toBeCloseTo(moved[at]!, 12);
});

test('a card without operating points has no offsets', () => {
  const card = readCard(modelsDir, 'simple-cnn');
  expect(offsetsOf({ ...card, sensitivity: undefined }, 'calm')).toEqual({});
  const point = { offsets: { neutral: 1 }, below: 0.4 };
  const balanced = { ...point, offsets: {} };
  const sensitivity = { calm: point, balanced, expressive: balanced };
  expect(offsetsOf({ ...card, sensitivity }, 'calm')).toEqual({ neutral: 1 });
});
