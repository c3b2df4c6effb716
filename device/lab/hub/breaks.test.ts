import { expect, test } from 'vitest';
import { breakTime } from './breaks.ts';

const start = Date.UTC(2026, 0, 1, 12, 0, 7);
const secondsAfter = (seconds: number) => [1, 2, 3].map((n) => (breakTime(start, seconds, n) - start) / 1000);

test('a short run is interrupted at its quarters, a long one at half past the nearest minute', () => {
  expect(secondsAfter(30)).toEqual([7.5, 15, 22.5]);
  expect(secondsAfter(600)).toEqual([143, 323, 443]);
});
