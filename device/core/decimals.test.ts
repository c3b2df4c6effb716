import { expect, test } from 'vitest';
import { roundedNumbers } from './decimals.ts';
import { roundedReading } from './rounded-reading.ts';
import type { Reading } from './types.ts';

const third = 1 / 3;
const point = { x: 10.4, y: 10.6 };

test('numbers keep four decimals at any depth, and everything else stays', () => {
  const value = { a: third, b: [third, 'text', null, true], c: { d: -third, ts: 1_780_000_000_123 } };
  expect(roundedNumbers(value)).toEqual({
    a: 0.3333,
    b: [0.3333, 'text', null, true],
    c: { d: -0.3333, ts: 1_780_000_000_123 },
  });
});

test('a reading has whole pixels and four decimals', () => {
  const landmarks = { eyeLeft: point, eyeRight: point, nose: point, mouthLeft: point, mouthRight: point };
  const face = {
    track: 1,
    box: { x: -0.4, y: 99.5, width: 30.2, height: 41.7 },
    landmarks,
    score: third,
    label: 'happy',
    probability: third,
    probabilities: { happy: third, sad: 2 * third },
  };
  const frame = { frame: 7, t: third, ts: 5, mono: 100 + third, width: 640, height: 480, happyShare: 1 };
  const reading: Reading = { ...frame, faces: [face] };
  const rounded = roundedReading(reading);
  expect(rounded).toMatchObject({ ...frame, t: 0.3333, mono: 100.3333 });
  expect(rounded.faces[0]).toMatchObject({
    track: 1,
    box: { x: -0, y: 100, width: 30, height: 42 },
    score: 0.3333,
    probability: 0.3333,
    probabilities: { happy: 0.3333, sad: 0.6667 },
  });
  expect(rounded.faces[0]!.landmarks!.nose).toEqual({ x: 10, y: 11 });
  expect(Object.keys(rounded.faces[0]!.probabilities)).toEqual(['happy', 'sad']);
});
