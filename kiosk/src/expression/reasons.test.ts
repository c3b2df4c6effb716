import { describe, expect, test } from 'vitest';
import { uncertain, uncertainReasons } from '../../../device/core/labels.ts';
import { names, reasonNames } from './names.ts';
import { dominantReason, hasEvidence, type Named, plateOf, probabilityOf, reasonOf } from './reasons.ts';

const probabilities = { happy: 0.7, neutral: 0.3 };
const happy: Named = { label: 'happy', probability: 0.81, probabilities };
const far: Named = { label: uncertain, reason: 'small', probabilities };

describe('a face with a name', () => {
  test('has the probability of its label, which for an older device comes from its list of probabilities', () => {
    expect(probabilityOf(happy)).toBe(0.81);
    expect(probabilityOf({ label: 'happy', probabilities })).toBe(0.7);
    expect(plateOf(happy)).toBe('Happy');
    expect(reasonOf(happy)).toBeUndefined();
  });
});

describe('a face without a name', () => {
  test('has a reason in place of a probability', () => {
    expect(probabilityOf(far)).toBeUndefined();
    expect(plateOf(far)).toBe('Too far away');
  });

  test('has the reason "not clear" if the device gives none, or one that this page does not know', () => {
    expect(plateOf({ label: uncertain, probabilities })).toBe('Not clear');
    expect(plateOf({ label: uncertain, reason: 'upside-down' as never, probabilities })).toBe('Not clear');
  });

  test('shows bars only for the reason ambiguous, where several expressions are about equally probable', () => {
    expect(hasEvidence({ ...far, reason: 'ambiguous' })).toBe(true);
    expect(uncertainReasons.filter((reason) => hasEvidence({ ...far, reason }))).toEqual(['ambiguous']);
  });
});

test('a visit names the reason with the largest share', () => {
  expect(dominantReason({ dark: 0.2, turned: 0.5, blurred: 0.1 })).toBe('turned');
  expect(dominantReason({ dark: 0 })).toBeUndefined();
  expect(dominantReason()).toBeUndefined();
});

test.each(Object.entries(names))('in %s each label and reason has its own words', (language, itsNames) => {
  const words = [...Object.values(itsNames), ...Object.values(reasonNames[language as keyof typeof names])];
  expect(new Set(words).size).toBe(words.length);
  expect(words.every((word) => word.trim() !== '')).toBe(true);
});
