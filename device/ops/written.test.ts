import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { StateBoard } from '../core/state.ts';
import { WrittenBytes } from './written.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('the bytes of the daemon and of each vision process are extrapolated to a day, after ten minutes', () => {
  const board = new StateBoard('test');
  let vision: number | undefined = 7;
  const bytes = new Map([
    [process.pid, 100_000],
    [7, 50_000],
    [8, 25_000],
  ]);
  const startedAt = performance.now();
  const clock = { now: () => Date.now(), mono: () => performance.now() - startedAt };
  const part = new WrittenBytes({ board, clock, visionPid: () => vision, writtenBy: (pid) => bytes.get(pid) });
  part.start();
  vi.advanceTimersByTime(9 * 60_000);
  expect(board.current.store.writtenMbPerDay).toBe(undefined);
  vi.advanceTimersByTime(60_000);
  // 150 kB in 10 minutes.
  expect(board.current.store.writtenMbPerDay).toBe(21.6);
  vision = 8;
  vi.advanceTimersByTime(600_000);
  expect(board.current.store.writtenMbPerDay).toBe(12.6);
  part.stop();
});
