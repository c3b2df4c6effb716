import { expect, test } from 'vitest';
import { FrameInterval } from './frame-interval.ts';

function after(...monos: readonly number[]): FrameInterval {
  const interval = new FrameInterval();
  for (const mono of monos) interval.add(mono);
  return interval;
}

test('the interval is known from the second frame on', () => {
  expect(after(500).ms).toBe(0);
  expect(after(500, 2500).ms).toBe(2000);
});

test('a single pause does not change the interval', () => {
  expect(after(0, 33, 66, 99, 9000, 9033).ms).toBe(33);
});

test('a rate that has changed is known after three frames', () => {
  const interval = after(0, 33, 66, 99, 132, 165);
  for (const mono of [2165, 4165]) interval.add(mono);
  expect(interval.ms).toBe(33);
  interval.add(6165);
  expect(interval.ms).toBe(2000);
});

test('a clock that runs backwards restarts the measurement', () => {
  expect(after(90_000, 92_000, 0, 100).ms).toBe(100);
});

test('a limit grows only where that number of frames takes longer', () => {
  expect(after(0, 100).atLeast(1000, 2.5)).toBe(1000);
  expect(after(0, 2000).atLeast(1000, 2.5)).toBe(5000);
});
