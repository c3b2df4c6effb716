import { describe, expect, test } from 'vitest';
import { modelsDir } from '../test/shared.ts';
import { readCard } from './card.ts';
import { doubtLimits, hasLimits } from './doubt.ts';
import { mostProbable, Smoother } from './smooth.ts';

const happy = { probabilities: { happy: 0.9, sad: 0.1 } };
const sad = { probabilities: { happy: 0.1, sad: 0.9 } };

/** Probability of happy at `untilMs`, for somebody who turns from happy to sad at 0, seen `fps` times a second. */
function happyAfter(untilMs: number, fps: number): number {
  const smoother = new Smoother(400);
  smoother.update(1, happy, 0);
  let shown = Number.NaN;
  for (let frame = 1; frame <= (untilMs * fps) / 1000; frame++) {
    shown = smoother.update(1, sad, (frame * 1000) / fps).probabilities.happy!;
  }
  return shown;
}

test('the result does not depend on the frame rate', () => {
  for (const untilMs of [100, 400, 1000]) {
    const exact = 0.1 + 0.8 * Math.exp(-untilMs / 400);
    expect(happyAfter(untilMs, 10)).toBeCloseTo(exact, 10);
    expect(happyAfter(untilMs, 30)).toBeCloseTo(exact, 10);
  }
});

test('the first frame is shown as it is, and the sum stays 1', () => {
  const smoother = new Smoother(400);
  expect(smoother.update(1, happy, 5000)).toEqual({ label: 'happy', ...happy });
  const { probabilities } = smoother.update(1, sad, 5033);
  expect(probabilities.happy! + probabilities.sad!).toBeCloseTo(1, 10);
});

test('without a time constant each frame stands alone', () => {
  const smoother = new Smoother(0);
  smoother.update(1, happy, 0);
  expect(smoother.update(1, sad, 1)).toEqual({ label: 'sad', ...sad });
});

test('near a tie the label stays; a clear lead changes it', () => {
  const smoother = new Smoother(0);
  const shown = [
    { happy: 0.52, sad: 0.48 },
    { happy: 0.48, sad: 0.52 },
    { happy: 0.51, sad: 0.49 },
    { happy: 0.476, sad: 0.524 },
    { happy: 0.47, sad: 0.53 },
    { happy: 0.52, sad: 0.48 },
    { happy: 0.53, sad: 0.47 },
  ].map((probabilities, frame) => smoother.update(1, { probabilities }, frame).label);
  expect(shown).toEqual(['happy', 'happy', 'happy', 'happy', 'sad', 'sad', 'happy']);
});

test('two people do not mix, and what was known of one goes with the track', () => {
  const smoother = new Smoother(400);
  smoother.update(1, happy, 0);
  smoother.update(2, sad, 0);
  expect(smoother.update(2, sad, 33).probabilities.happy).toBeCloseTo(0.1, 10);
  smoother.keepOnly(new Set([2]));
  expect(smoother.update(1, sad, 66)).toEqual({ label: 'sad', ...sad });
  expect(smoother.update(2, happy, 66).probabilities.happy).toBeLessThan(0.5);
});

describe('uncertain', () => {
  /** A face whose most probable label is happy, this much. */
  const sure = (top: number, reject?: number) => ({
    probabilities: { happy: top, sad: (1 - top) * 0.6, neutral: (1 - top) * 0.4 },
    ...(reject !== undefined && { reject }),
  });
  const labelsOf = (smoother: Smoother, frames: ReadonlyArray<ReturnType<typeof sure>>) =>
    frames.map((face, frame) => smoother.update(1, face, frame).label);

  test('is a face of which no label is probable enough, until one clearly is', () => {
    const frames = [0.41, 0.39, 0.41, 0.44, 0.46, 0.41, 0.39].map((top) => sure(top));
    const u = 'uncertain';
    expect(labelsOf(new Smoother(0, { below: 0.4 }), frames)).toEqual(['happy', u, u, u, 'happy', 'happy', u]);
  });

  test('is a face that the model rejects, until it clearly does not, whatever it shows', () => {
    const frames = [0.59, 0.61, 0.59, 0.56, 0.54, 0.59, 0.61].map((reject) => sure(0.99, reject));
    const u = 'uncertain';
    expect(labelsOf(new Smoother(0, { reject: 0.6 }), frames)).toEqual(['happy', u, u, u, 'happy', 'happy', u]);
  });

  test('ends only clearly behind both limits', () => {
    const frames = [sure(0.9, 0.7), sure(0.42, 0.1), sure(0.9, 0.58), sure(0.9, 0.1)];
    const smoother = new Smoother(0, { below: 0.4, reject: 0.6 });
    expect(labelsOf(smoother, frames)).toEqual(['uncertain', 'uncertain', 'uncertain', 'happy']);
  });

  test('ends also with limits close to the ends', () => {
    const strict = new Smoother(0, { below: 0.98, reject: 0.02 });
    expect(labelsOf(strict, [sure(0.9, 0.5), sure(0.985, 0.005), sure(0.995, 0.005)])).toEqual([
      'uncertain',
      'uncertain',
      'happy',
    ]);
  });

  test('follows what is smoothed, not single frames; probabilities stay as they are', () => {
    const smoother = new Smoother(400, { reject: 0.5 });
    smoother.update(1, sure(0.9, 0), 0);
    expect(smoother.update(1, sure(0.9, 1), 100)).toEqual({
      label: 'happy',
      probabilities: expect.objectContaining({ happy: expect.closeTo(0.9, 10) }),
      reject: expect.closeTo(1 - Math.exp(-100 / 400), 10),
    });
    expect(smoother.update(1, sure(0.9, 1), 500)).toMatchObject({
      label: 'uncertain',
      probabilities: { happy: expect.closeTo(0.9, 10) },
    });
  });

  test('hides the label that is held, and gives it back', () => {
    const smoother = new Smoother(0, { below: 0.4 });
    const close = (happyShare: number, sadShare: number) => ({
      probabilities: { happy: happyShare, sad: sadShare, neutral: 1 - happyShare - sadShare },
    });
    smoother.update(1, close(0.6, 0.2), 0);
    expect(smoother.update(1, close(0.35, 0.33), 1).label).toBe('uncertain');
    // Sad leads, by less than what changes a label.
    expect(smoother.update(1, close(0.46, 0.48), 2).label).toBe('happy');
  });

  test('is never said without limits, and dies with the track', () => {
    expect(new Smoother(0).update(1, sure(0.39, 0.99), 0).label).toBe('happy');
    const smoother = new Smoother(0, { below: 0.4 });
    expect(smoother.update(1, sure(0.39), 0).label).toBe('uncertain');
    smoother.keepOnly(new Set());
    expect(smoother.update(1, sure(0.41), 1).label).toBe('happy');
  });

  test('a card has both limits, one or none', () => {
    const card = readCard(modelsDir, 'simple-cnn');
    const bare = { ...card, reject: undefined, uncertain: undefined };
    expect(doubtLimits(bare)).toEqual({});
    expect(hasLimits(doubtLimits(bare))).toBe(false);
    const limited = { ...bare, reject: { name: 'reject', threshold: 0.6 }, uncertain: { below: 0.3 } };
    expect(doubtLimits(limited)).toEqual({ reject: 0.6, below: 0.3 });
    expect(hasLimits({ below: 0.3 })).toBe(true);
  });
});

test('mostProbable names the largest, the first of equals', () => {
  expect(mostProbable({ angry: 0.2, happy: 0.5, sad: 0.3 })).toBe('happy');
  expect(mostProbable({ angry: 0.4, happy: 0.4, sad: 0.2 })).toBe('angry');
});
