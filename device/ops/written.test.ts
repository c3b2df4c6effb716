import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { StateBoard } from '../core/state.ts';
import type { ProcessFigures } from '../sinks/metrics/processes.ts';
import { WrittenBytes } from './written.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('the bytes of all processes are extrapolated to a day, after ten minutes', () => {
  const board = new StateBoard('test');
  const startedAt = performance.now();
  const clock = { now: () => Date.now(), mono: () => performance.now() - startedAt };
  let visionBytes = 50_000;
  const read = (): ProcessFigures[] => [
    { process: 'daemon', writtenBytes: 100_000 },
    { process: 'vision', writtenBytes: visionBytes },
    { process: 'uploads' },
  ];
  const part = new WrittenBytes({ board, clock, processes: { read } });
  part.start();
  vi.advanceTimersByTime(9 * 60_000);
  expect(board.current.store.writtenMbPerDay).toBe(undefined);
  vi.advanceTimersByTime(60_000);
  // 150 kB in 10 minutes.
  expect(board.current.store.writtenMbPerDay).toBe(21.6);
  visionBytes = 75_000;
  vi.advanceTimersByTime(600_000);
  expect(board.current.store.writtenMbPerDay).toBe(12.6);
  part.stop();
});

test('without a known figure the board shows none', () => {
  const board = new StateBoard('test');
  const clock = { now: () => Date.now(), mono: () => Date.now() };
  const part = new WrittenBytes({ board, clock, processes: { read: () => [{ process: 'daemon' }] } });
  part.start();
  vi.advanceTimersByTime(20 * 60_000);
  expect(board.current.store).not.toHaveProperty('writtenMbPerDay');
  part.stop();
});
