import { expect, test } from 'vitest';
import { mostProbable, Smoother } from './smooth.ts';

const happy = { happy: 0.9, sad: 0.1 };
const sad = { happy: 0.1, sad: 0.9 };

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
  expect(smoother.update(1, happy, 5000)).toEqual({ label: 'happy', probabilities: happy });
  const { probabilities } = smoother.update(1, sad, 5033);
  expect(probabilities.happy! + probabilities.sad!).toBeCloseTo(1, 10);
});

test('without a time constant each frame stands alone', () => {
  const smoother = new Smoother(0);
  smoother.update(1, happy, 0);
  expect(smoother.update(1, sad, 1)).toEqual({ label: 'sad', probabilities: sad });
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
  ].map((probabilities, frame) => smoother.update(1, probabilities, frame).label);
  expect(shown).toEqual(['happy', 'happy', 'happy', 'happy', 'sad', 'sad', 'happy']);
});

test('two people do not mix, and what was known of one goes with the track', () => {
  const smoother = new Smoother(400);
  smoother.update(1, happy, 0);
  smoother.update(2, sad, 0);
  expect(smoother.update(2, sad, 33).probabilities.happy).toBeCloseTo(0.1, 10);
  smoother.keepOnly(new Set([2]));
  expect(smoother.update(1, sad, 66)).toEqual({ label: 'sad', probabilities: sad });
  expect(smoother.update(2, happy, 66).probabilities.happy).toBeLessThan(0.5);
});

test('mostProbable names the largest, the first of equals', () => {
  expect(mostProbable({ angry: 0.2, happy: 0.5, sad: 0.3 })).toBe('happy');
  expect(mostProbable({ angry: 0.4, happy: 0.4, sad: 0.2 })).toBe('angry');
});
