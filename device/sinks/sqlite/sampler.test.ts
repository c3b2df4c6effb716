import { expect, test } from 'vitest';
import type { UncertainReason } from '../../core/labels.ts';
import type { Face, Reading } from '../../core/types.ts';
import { createSampler } from './sampler.ts';

const box = { x: 0, y: 0, width: 48, height: 48 };
const face = (track: number, label: 'happy' | 'sad', happy: number, score = 1): Face => {
  const probabilities = { happy, sad: 1 - happy };
  return { track, box, score, label, probability: probabilities[label], probabilities };
};
const unnamed = (track: number, reason?: UncertainReason): Face => ({
  track,
  box,
  score: 1,
  label: 'uncertain',
  ...(reason && { reason }),
  probabilities: { happy: 0.6, sad: 0.4 },
});
const reading = (mono: number, ...faces: Face[]): Reading => ({
  frame: mono,
  t: mono / 1000,
  ts: 1_700_000_000_000 + mono,
  mono,
  width: 640,
  height: 480,
  faces,
  happyShare: null,
});

test('one row per track and interval: mean values, the most frequent label, the time of the start', () => {
  const sampler = createSampler(1000);
  expect(sampler.add(reading(0, face(1, 'happy', 0.9, 0.8)))).toEqual([]);
  expect(sampler.add(reading(400, face(1, 'sad', 0.3, 1), face(2, 'sad', 0)))).toEqual([]);
  expect(sampler.add(reading(999, face(1, 'happy', 0.6, 0.9)))).toEqual([]);
  const samples = sampler.add(reading(1000, face(1, 'sad', 0.1)));
  expect(samples).toHaveLength(2);
  expect(samples[0]).toMatchObject({ ts: 1_700_000_000_000, track: 1, label: 'happy', frames: 3 });
  expect(samples[0]!.probabilities.happy).toBeCloseTo(0.6, 10);
  expect(samples[0]!.probabilities.sad).toBeCloseTo(0.4, 10);
  expect(samples[0]!.score).toBeCloseTo(0.9, 10);
  // The mean of the two frames with `happy`, without the one with `sad`.
  expect(samples[0]!.probability).toBeCloseTo(0.75, 10);
  expect(samples[0]!.happyShare).toBe(0.6667);
  expect(samples[1]).toEqual({
    ts: 1_700_000_000_000,
    track: 2,
    label: 'sad',
    probability: 1,
    probabilities: { happy: 0, sad: 1 },
    happyShare: 0,
    score: 1,
    frames: 1,
  });
  expect(sampler.close()).toEqual([
    {
      ts: 1_700_000_001_000,
      track: 1,
      label: 'sad',
      probability: 0.9,
      probabilities: { happy: 0.1, sad: 0.9 },
      happyShare: 0,
      score: 1,
      frames: 1,
    },
  ]);
  expect(sampler.close()).toEqual([]);
});

test('a mostly uncertain interval is an uncertain row with its reason and its mean probabilities', () => {
  const sampler = createSampler(1000);
  sampler.add(reading(0, unnamed(1, 'dark')));
  sampler.add(reading(200, unnamed(1, 'small')));
  sampler.add(reading(400, face(1, 'happy', 0.6)));
  sampler.add(reading(600, unnamed(1, 'small')));
  expect(sampler.close()).toMatchObject([
    {
      label: 'uncertain',
      reason: 'small',
      probability: null,
      probabilities: { happy: expect.closeTo(0.6, 10), sad: expect.closeTo(0.4, 10) },
      // The probability of the only frame with a name.
      happyShare: 1,
      frames: 4,
    },
  ]);
});

test('an interval without a named frame has no share; a named one shows no reason', () => {
  const sampler = createSampler(1000);
  for (const at of [0, 300, 600]) {
    sampler.add(reading(at, unnamed(1), at === 0 ? unnamed(2, 'blurred') : face(2, 'sad', 0.2)));
  }
  const [never, mostly] = sampler.close();
  expect(never).toMatchObject({ label: 'uncertain', probability: null, happyShare: null });
  expect(mostly).toMatchObject({ label: 'sad', probability: 0.8, happyShare: 0 });
  for (const each of [never, mostly]) expect(each).not.toHaveProperty('reason');
});

test('an interval without a face makes no row', () => {
  const sampler = createSampler(1000);
  expect([0, 500, 1000, 1500, 2000].flatMap((at) => sampler.add(reading(at)))).toEqual([]);
});

test('a monotonic clock that restarts closes the interval', () => {
  const sampler = createSampler(1000);
  sampler.add(reading(90_000, face(1, 'happy', 1)));
  expect(sampler.add(reading(10, face(1, 'sad', 0)))).toMatchObject([{ label: 'happy', frames: 1 }]);
});
