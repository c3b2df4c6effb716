import { describe, expect, test } from 'vitest';
import { readCard } from '../core/model-card.ts';
import { modelsDir } from '../lab/fixtures/shared.ts';
import {
  type AbstentionLimits,
  abstentionLimits,
  type CropObservation,
  hasLimits,
  isUncertain,
  reasonOf,
} from './abstention.ts';
import { Smoother } from './smooth.ts';

const limits: AbstentionLimits = {
  below: 0.4,
  reject: 0.9,
  covered: 0.8,
  causes: {
    small: { alone: 20, explains: 30 },
    dark: { alone: 5, explains: 10 },
    blurred: { alone: 0.1, explains: 0.2 },
    turned: { explains: 30 },
  },
};

const measures = { side: 90, contrast: 40, sharpness: 0.6, turn: 3 };

/** A clear, well lit face from the front, with these changes. */
function face(
  change: Partial<CropObservation['measures'] & Omit<CropObservation, 'measures'>> & { top?: number } = {},
): CropObservation {
  const { top = 0.9, reject = 0.1, covered = 0.05, ...measured } = change;
  return {
    probabilities: { happy: top, sad: (1 - top) * 0.6, neutral: (1 - top) * 0.4 },
    reject,
    covered,
    measures: { ...measures, ...measured },
  };
}

describe('a cause that makes a face uncertain by itself', () => {
  test.each([
    ['small', { side: 18 }],
    ['dark', { contrast: 4 }],
    ['blurred', { sharpness: 0.08 }],
    ['covered', { covered: 0.9 }],
    ['ambiguous', { top: 0.35 }],
    ['ambiguous', { reject: 0.95 }],
  ] as const)('%s', (reason, change) => {
    expect(isUncertain(face(change), limits)).toBe(true);
    expect(reasonOf(face(change), limits)).toBe(reason);
  });

  test.each([
    ['small', { side: 25 }],
    ['dark', { contrast: 8 }],
    ['blurred', { sharpness: 0.15 }],
    ['covered', { covered: 0.6 }],
    ['turned', { turn: 40 }],
  ] as const)('%s to a lesser degree only explains a weak label', (reason, change) => {
    expect(isUncertain(face(change), limits)).toBe(false);
    expect(isUncertain(face({ ...change, top: 0.35 }), limits)).toBe(true);
    expect(reasonOf(face({ ...change, top: 0.35 }), limits)).toBe(reason);
    expect(reasonOf(face({ ...change, reject: 0.95 }), limits)).toBe(reason);
  });
});

describe('with several causes', () => {
  test('image quality comes before content', () => {
    expect(reasonOf(face({ side: 18, covered: 0.9, contrast: 4 }), limits)).toBe('small');
    expect(reasonOf(face({ covered: 0.9, contrast: 4, turn: 50 }), limits)).toBe('dark');
    expect(reasonOf(face({ covered: 0.9, turn: 50 }), limits)).toBe('covered');
  });

  test('a cause that suffices alone comes before one that only explains', () => {
    expect(reasonOf(face({ side: 25, covered: 0.9 }), limits)).toBe('covered');
  });
});

test('without measures, or limits for them, a weak label is ambiguous', () => {
  const { probabilities } = face({ top: 0.3 });
  expect(reasonOf({ probabilities }, limits)).toBe('ambiguous');
  expect(reasonOf(face({ top: 0.3, side: 10, turn: 60 }), { below: 0.4 })).toBe('ambiguous');
  // Haar has no landmarks, so the turn is unknown.
  const { turn: _, ...others } = measures;
  expect(reasonOf({ ...face({ top: 0.3 }), measures: others }, limits)).toBe('ambiguous');
});

describe('over time', () => {
  const shownOf = (frames: readonly CropObservation[], ms = 100) => {
    const smoother = new Smoother({ timeConstantMs: 350, limits });
    return frames.map((seen, frame) => smoother.update(1, seen, frame * ms));
  };
  const times = (count: number, seenAt: (frame: number) => CropObservation) =>
    Array.from({ length: count }, (_, at) => seenAt(at));
  const changesOf = (values: readonly unknown[]) => values.filter((value, at) => at > 0 && value !== values[at - 1]);

  test('a label comes with its probability, and uncertain with its reason; never both', () => {
    const shown = shownOf([...times(20, () => face()), ...times(30, () => face({ side: 15 }))]);
    for (const { label, reason, probability, probabilities } of shown) {
      expect(probability).toBe(label === 'uncertain' ? undefined : probabilities[label]);
      expect(reason).toBe(label === 'uncertain' ? 'small' : undefined);
    }
    expect(new Set(shown.map(({ label }) => label))).toEqual(new Set(['happy', 'uncertain']));
  });

  test('a face at the limit of its size does not flicker', () => {
    const shown = shownOf(times(600, (frame) => face({ side: 20 + Math.sin(frame) })));
    expect(changesOf(shown.map(({ label }) => label)).length).toBeLessThan(2);
  });

  test('an approaching face gets its label soon', () => {
    const shown = shownOf([...times(20, () => face({ side: 15 })), ...times(20, () => face({ side: 40 }))]);
    const labels = shown.map(({ label }) => label);
    expect(labels[19]).toBe('uncertain');
    expect(labels.indexOf('happy')).toBeLessThanOrEqual(27);
  });

  test('the reason is stable while two causes alternate', () => {
    const shown = shownOf(times(100, (frame) => face({ top: 0.36, turn: frame % 6 < 3 ? 32 : 26 })));
    expect(new Set(shown.map(({ label }) => label))).toEqual(new Set(['uncertain']));
    expect(changesOf(shown.map(({ reason }) => reason)).length).toBeLessThan(2);
  });

  test('the reason follows a lasting change of the cause', () => {
    const shown = shownOf([...times(20, () => face({ top: 0.36 })), ...times(20, () => face({ top: 0.36, turn: 60 }))]);
    expect(shown[19]!.reason).toBe('ambiguous');
    expect(shown[39]!.reason).toBe('turned');
  });

  test('while the mouth is covered the label does not change', () => {
    const sad = { ...face({ covered: 0.95 }), probabilities: { happy: 0.05, sad: 0.9, neutral: 0.05 } };
    const labels = shownOf([...times(20, () => face()), ...times(8, () => sad), ...times(20, () => face())]).map(
      ({ label }) => label,
    );
    expect(labels).not.toContain('sad');
    expect(labels.at(-1)).toBe('happy');
  });
});

test('the limits of a card depend on the sensitivity; a card may have none', () => {
  const card = readCard(modelsDir, 'simple-cnn');
  const bare = { ...card, reject: undefined, covered: undefined, sensitivity: undefined, uncertain: {} };
  expect(abstentionLimits(bare, 'calm')).toEqual({});
  expect(hasLimits(abstentionLimits(bare, 'calm'))).toBe(false);
  const point = (below: number) => ({ offsets: {}, below });
  const limited = {
    ...bare,
    reject: { name: 'reject', threshold: 0.6 },
    covered: { name: 'covered', threshold: 0.7 },
    sensitivity: { calm: point(0.4), balanced: point(0.3), expressive: point(0.2) },
    uncertain: { small: { alone: 20, explains: 30 } },
  };
  const rest = { reject: 0.6, covered: 0.7, causes: { small: { alone: 20, explains: 30 } } };
  expect(abstentionLimits(limited, 'calm')).toEqual({ below: 0.4, ...rest });
  expect(abstentionLimits(limited, 'balanced')).toEqual({ below: 0.3, ...rest });
  expect(hasLimits({ below: 0.3 })).toBe(true);
});
