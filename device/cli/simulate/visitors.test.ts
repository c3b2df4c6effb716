import { expect, test } from 'vitest';
import { numbersFrom } from '../../core/seeded-numbers.ts';
import { Visitors } from './visitors.ts';

/** All visitors within the time, sampled every 250 ms. */
function watch({ seed = 1, visitsPerSecond = 0.5, seconds = 20_000 } = {}) {
  const visitors = new Visitors({ numbers: numbersFrom(seed), visitsPerSecond, from: 0 });
  const seen = new Map<number, { first: number; last: number; labels: string[] }>();
  let maxFaces = 0;
  for (let at = 0; at < seconds * 1000; at += 250) {
    const faces = visitors.facesAt(at);
    maxFaces = Math.max(maxFaces, faces.length);
    for (const { track, label } of faces) {
      const stay = seen.get(track) ?? { first: at, last: at, labels: [] };
      stay.last = at;
      stay.labels.push(label);
      seen.set(track, stay);
    }
  }
  return { stays: [...seen.values()], maxFaces };
}

test('equal seeds make equal visitors, another seed makes others', () => {
  expect(watch({ seconds: 600 })).toEqual(watch({ seconds: 600 }));
  expect(watch({ seconds: 600, seed: 2 })).not.toEqual(watch({ seconds: 600 }));
});

test('visitors arrive at the given rate and in groups, with realistic dwells', () => {
  const { stays, maxFaces } = watch();
  expect(stays.length).toBeGreaterThan(9000);
  expect(stays.length).toBeLessThan(11_000);
  expect(maxFaces).toBeGreaterThan(3);
  const dwell = stays.map(({ first, last }) => last - first).sort((a, b) => a - b);
  expect(dwell[Math.floor(dwell.length / 2)]).toBeGreaterThan(6000);
  expect(dwell[Math.floor(dwell.length / 2)]).toBeLessThan(8000);
  expect(dwell.at(-1)).toBeLessThanOrEqual(600_000);
  const labels = stays.flatMap((stay) => stay.labels);
  const shareOf = (label: string) => labels.filter((each) => each === label).length / labels.length;
  expect(shareOf('uncertain')).toBeCloseTo(0.1, 1);
  expect(shareOf('happy')).toBeCloseTo(0.9 * 0.24, 1);
});

test('probabilities sum to 1, the label is the most probable one, and uncertain has none', () => {
  const visitors = new Visitors({ numbers: numbersFrom(3), visitsPerSecond: 2, from: 0 });
  const faces = Array.from({ length: 100 }, (_, index) => visitors.facesAt(index * 500)).flat();
  expect(faces.length).toBeGreaterThan(50);
  for (const { label, probability, probabilities, reason } of faces) {
    const values = Object.values(probabilities);
    expect(values.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1);
    expect(probability).toBe(label === 'uncertain' ? undefined : Math.max(...values));
    expect(reason).toBe(label === 'uncertain' ? 'ambiguous' : undefined);
  }
});
