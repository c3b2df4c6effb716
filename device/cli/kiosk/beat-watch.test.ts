import { expect, test } from 'vitest';
import { BeatWatch, longestSilenceMs } from './beat-watch.ts';

const drawing = (seenAt?: number) => ({ seenAt, canDraw: true });

test('after the first heartbeat, 60 s of silence are too long', () => {
  const watch = new BeatWatch(0, 0);
  expect(watch.update(drawing(), 0)).toBe(undefined);
  expect(watch.update(drawing(1), 5000)).toBe(undefined);
  expect(watch.hasBeat).toBe(true);
  expect(watch.update(drawing(1), 5000 + longestSilenceMs)).toBe(undefined);
  expect(watch.update(drawing(1), 5001 + longestSilenceMs)).toBe(longestSilenceMs + 1);
});

test('the heartbeat of the browser before this one does not count', () => {
  const watch = new BeatWatch(0, 0);
  watch.update(drawing(1), 0);
  watch.update(drawing(1), 5000);
  expect(watch.hasBeat).toBe(false);
  watch.update(drawing(2), 10_000);
  expect(watch.hasBeat).toBe(true);
});

test.each([
  [0, 60_000],
  [1, 120_000],
  [2, 300_000],
  [3, 600_000],
  [9, 600_000],
])('after %i starts without a heartbeat, the first one may take %i ms', (failedStarts, limit) => {
  const watch = new BeatWatch(1000, failedStarts);
  expect(watch.update(drawing(), 1000 + limit)).toBe(undefined);
  expect(watch.update(drawing(), 1001 + limit)).toBe(limit + 1);
});

test('time in which the page cannot draw is no silence', () => {
  const watch = new BeatWatch(0, 0);
  watch.update(drawing(1), 0);
  watch.update(drawing(2), 10_000);
  expect(watch.update({ seenAt: undefined, canDraw: false }, 500_000)).toBe(undefined);
  expect(watch.update(drawing(), 560_000)).toBe(undefined);
  expect(watch.update(drawing(), 560_001)).toBe(60_001);
});
