import { expect, test } from 'vitest';
import type { Face, Reading } from '../../core/types.ts';
import { createSampler } from './sampler.ts';

const box = { x: 0, y: 0, width: 48, height: 48 };
const face = (track: number, label: string, happy: number, score = 1): Face => ({
  track,
  box,
  score,
  label,
  probabilities: { happy, sad: 1 - happy },
});
const reading = (mono: number, ...faces: Face[]): Reading => ({
  frame: mono,
  t: mono / 1000,
  ts: 1_700_000_000_000 + mono,
  mono,
  width: 640,
  height: 480,
  faces,
});

test('one row per track and interval: means, the label shown most, dated by the start of the interval', () => {
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
  expect(samples[1]).toEqual({
    ts: 1_700_000_000_000,
    track: 2,
    label: 'sad',
    probabilities: { happy: 0, sad: 1 },
    score: 1,
    frames: 1,
  });
  expect(sampler.close()).toEqual([
    { ts: 1_700_000_001_000, track: 1, label: 'sad', probabilities: { happy: 0.1, sad: 0.9 }, score: 1, frames: 1 },
  ]);
  expect(sampler.close()).toEqual([]);
});

test('an interval that was mostly uncertain is a row of that name, with its mean probabilities', () => {
  const sampler = createSampler(1000);
  for (const [at, label] of [
    [0, 'uncertain'],
    [300, 'happy'],
    [600, 'uncertain'],
  ] as const) {
    sampler.add(reading(at, { ...face(1, 'happy', 0.6), label }));
  }
  expect(sampler.close()).toMatchObject([
    { label: 'uncertain', probabilities: { happy: expect.closeTo(0.6, 10), sad: expect.closeTo(0.4, 10) }, frames: 3 },
  ]);
});

test('an interval without a face leaves no row', () => {
  const sampler = createSampler(1000);
  expect([0, 500, 1000, 1500, 2000].flatMap((at) => sampler.add(reading(at)))).toEqual([]);
});

test('a monotonic clock that starts again closes the interval', () => {
  const sampler = createSampler(1000);
  sampler.add(reading(90_000, face(1, 'happy', 1)));
  expect(sampler.add(reading(10, face(1, 'sad', 0)))).toMatchObject([{ label: 'happy', frames: 1 }]);
});
