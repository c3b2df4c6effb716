import { describe, expect, test } from 'vitest';
import { numbersFrom } from '../core/seeded-numbers.ts';
import { Smoother } from './smooth.ts';

describe('uncertain', () => {
  /** A face with this probability of happy, its most probable label. */
  const sure = (top: number, reject?: number) => ({
    probabilities: { happy: top, sad: (1 - top) * 0.6, neutral: (1 - top) * 0.4 },
    ...(reject !== undefined && { reject }),
  });
  const alone = (limits: { below?: number; reject?: number }) => new Smoother({ timeConstantMs: 0, limits });
  const labelsOf = (smoother: Smoother, frames: ReadonlyArray<ReturnType<typeof sure>>, ms = 1) =>
    frames.map((face, frame) => smoother.update(1, face, frame * ms).label);
  const u = 'uncertain';

  test('is a face without a label above the limit, until one is clearly above', () => {
    const frames = [0.41, 0.39, 0.41, 0.48, 0.5, 0.41, 0.39].map((top) => sure(top));
    expect(labelsOf(alone({ below: 0.4 }), frames)).toEqual(['happy', u, u, u, 'happy', 'happy', u]);
  });

  test('is a face that the model rejects, until it clearly does not, whatever the label', () => {
    const frames = [0.59, 0.61, 0.59, 0.52, 0.5, 0.59, 0.61].map((reject) => sure(0.99, reject));
    expect(labelsOf(alone({ reject: 0.6 }), frames)).toEqual(['happy', u, u, u, 'happy', 'happy', u]);
  });

  test('ends only when both limits are clearly met', () => {
    const frames = [sure(0.9, 0.7), sure(0.42, 0.1), sure(0.9, 0.58), sure(0.9, 0.1)];
    expect(labelsOf(alone({ below: 0.4, reject: 0.6 }), frames)).toEqual([u, u, u, 'happy']);
  });

  test('ends also with limits close to 0 or 1', () => {
    const strict = alone({ below: 0.98, reject: 0.02 });
    expect(labelsOf(strict, [sure(0.9, 0.5), sure(0.985, 0.005), sure(0.995, 0.005)])).toEqual([u, u, 'happy']);
  });

  test('follows smoothed values, not single frames; probabilities are unchanged', () => {
    const smoother = new Smoother({ timeConstantMs: 400, limits: { reject: 0.5 } });
    for (let at = -4000; at <= 0; at += 100) smoother.update(1, sure(0.9, 0), at);
    expect(smoother.update(1, sure(0.9, 1), 100)).toEqual({
      label: 'happy',
      probability: expect.closeTo(0.9, 10),
      probabilities: expect.objectContaining({ happy: expect.closeTo(0.9, 10) }),
      reject: expect.closeTo(1 - Math.exp(-100 / 400), 4),
    });
  });

  test('a hand that passes over the face has no effect; one that stays has, after two time constants', () => {
    const smoother = new Smoother({ timeConstantMs: 350, limits: { below: 0.4, reject: 0.5 } });
    const clear = Array.from({ length: 20 }, () => sure(0.9, 0));
    const hand = (frames: number) => Array.from({ length: frames }, () => sure(0.3, 1));
    const passing = labelsOf(smoother, [...clear, ...hand(5), ...clear], 100);
    expect(new Set(passing)).toEqual(new Set(['happy']));
    const staying = labelsOf(
      new Smoother({ timeConstantMs: 350, limits: { reject: 0.5 } }),
      [...clear, ...hand(20)],
      100,
    );
    // The smoothed value exceeds the limit in the third frame of the hand; 700 ms later it has lasted long enough.
    expect(staying.indexOf(u)).toBe(20 + 2 + 7);
    expect(new Set(staying.slice(29))).toEqual(new Set([u]));
  });

  test('a weakening label is kept 1.5 times as long as that of a rejected face', () => {
    const clear = Array.from({ length: 20 }, () => sure(0.9, 0));
    const lastsFor = (change: ReturnType<typeof sure>) =>
      labelsOf(
        new Smoother({ timeConstantMs: 10, limits: { below: 0.55, reject: 0.45 } }),
        [...clear, ...Array.from({ length: 60 }, () => change)],
        1,
      ).indexOf(u);
    // Both end 0.09 beyond their limit: one hysteresis.
    const [none, weak] = [lastsFor(sure(0.9, 0.54)), lastsFor(sure(0.46, 0))];
    expect(none).toBeGreaterThan(20);
    expect(weak - none).toBeGreaterThanOrEqual(5);
    expect(labelsOf(alone({ below: 0.55 }), [sure(0.54)])).toEqual([u]);
  });

  test('a new face must be clearer than a known one, and gets its label soon', () => {
    const shown = (shares: readonly number[]) =>
      labelsOf(
        new Smoother({ timeConstantMs: 350, limits: { below: 0.4 } }),
        shares.map((top) => sure(top)),
        33,
      );
    expect(shown([0.44])).toEqual([u]);
    expect(shown([0.45])).toEqual(['happy']);
    const clear = shown([0.42, ...Array.from({ length: 12 }, () => 0.9)]);
    expect(clear.indexOf('happy')).toBeLessThan(6);
    const faint = shown([0.42, ...Array.from({ length: 30 }, () => 0.51)]);
    expect(faint.indexOf('happy')).toBeGreaterThan(8);
  });

  test('the first label of a new face uses all its frames, not only the first', () => {
    const smoother = new Smoother({ timeConstantMs: 350, limits: { below: 0.5 } });
    const faces = [
      { happy: 0.4, sad: 0.3, neutral: 0.3 },
      ...Array.from({ length: 20 }, () => ({ happy: 0.1, sad: 0.8, neutral: 0.1 })),
    ];
    const labels = faces.map((probabilities, frame) => smoother.update(1, { probabilities }, frame * 33).label);
    expect(new Set(labels)).toEqual(new Set([u, 'sad']));
  });

  test('does not flicker near the limit', () => {
    const smoother = new Smoother({ timeConstantMs: 350, limits: { below: 0.4 } });
    const next = numbersFrom(5);
    // Alternately three seconds slightly above and slightly below the limit, with noise.
    const frames = Array.from({ length: 1800 }, (_, frame) =>
      sure(0.4 + (Math.floor(frame / 90) % 2 ? -0.02 : 0.03) + 0.1 * (next() - 0.5)),
    );
    const labels = labelsOf(smoother, frames, 33);
    expect(labels.filter((label, at) => at > 0 && label !== labels[at - 1]).length).toBeLessThan(6);
  });

  test('hides the current label and restores it', () => {
    const smoother = alone({ below: 0.4 });
    const close = (happyShare: number, sadShare: number) => ({
      probabilities: { happy: happyShare, sad: sadShare, neutral: 1 - happyShare - sadShare },
    });
    smoother.update(1, close(0.6, 0.2), 0);
    expect(smoother.update(1, close(0.35, 0.33), 1).label).toBe(u);
    // Sad leads, by less than a change of the label needs.
    expect(smoother.update(1, close(0.46, 0.5), 2).label).toBe('happy');
  });

  test('never occurs without limits, and ends with the track', () => {
    expect(alone({}).update(1, sure(0.39, 0.99), 0).label).toBe('happy');
    const smoother = alone({ below: 0.4 });
    expect(smoother.update(1, sure(0.39), 0).label).toBe(u);
    smoother.keepOnly(new Set());
    expect(smoother.update(1, sure(0.41), 1).label).toBe('happy');
  });
});
