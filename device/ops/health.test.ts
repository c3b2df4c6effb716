import { expect, test, vi } from 'vitest';
import { StateBoard } from '../core/state.ts';
import { FakeClock, makeReading } from '../lab/fixtures/http-fixture.ts';
import { Feed } from '../sinks/live/feed.ts';
import { privateMemoryMb } from '../vision/supervise/memory.ts';
import { HealthCheck } from './health.ts';

vi.mock('../vision/supervise/memory.ts', { spy: true });

function setUp() {
  const clock = new FakeClock();
  const board = new StateBoard('demo');
  board.update('vision', { state: 'running' });
  const feed = new Feed();
  const health = new HealthCheck({ board, feed, clock, stallMs: 5000 });
  health.start();
  return { clock, board, feed, health };
}

test('waiting counts from the arrival of the newest reading, however rarely the health is asked', () => {
  const { clock, board, feed, health } = setUp();
  board.update('camera', { state: 'online' });
  clock.time += 3000;
  feed.onReading(makeReading(7));
  clock.time += 8100;
  expect(health.check()).toMatchObject({ status: 'failing', frames: { frame: 7, unchangedMs: 8100 } });
});

test('waiting counts from the moment when the camera is back, although nobody asked meanwhile', () => {
  const { clock, board, feed, health } = setUp();
  board.update('camera', { state: 'online' });
  feed.onReading(makeReading(7));
  board.update('camera', { state: 'lost', reason: 'unplugged' });
  clock.time += 3_600_000;
  expect(health.check().frames.unchangedMs).toBe(0);
  board.update('camera', { state: 'online', reason: undefined });
  clock.time += 7000;
  expect(health.check()).toMatchObject({ status: 'ok', frames: { unchangedMs: 7000 } });
});

test('a vision process that loads for minutes is degraded, not failing, and said to be loading', () => {
  const { clock, board, health } = setUp();
  board.update('camera', { state: 'loading', reason: 'The vision process is loading its networks' });
  clock.time += 60_000;
  expect(health.check()).toMatchObject({ status: 'ok', reasons: [] });
  clock.time += 120_000;
  expect(health.check()).toMatchObject({
    status: 'degraded',
    reasons: ['still loading after 180 s: The vision process is loading its networks'],
  });
  board.update('camera', { state: 'starting', reason: undefined });
  clock.time += 60_001;
  expect(health.check()).toMatchObject({ status: 'failing', reasons: ['still starting after 60 s'] });
});

test('a stopped check listens to nothing', () => {
  const { clock, feed, health } = setUp();
  health.stop();
  clock.time += 100;
  feed.onReading(makeReading(8));
  expect(health.check().frames).toEqual({ frame: undefined, unchangedMs: 100 });
});

test('the report reads the memory only where it is used', () => {
  const { health } = setUp();
  const report = health.report();
  expect(report.status).toBe('ok');
  expect(privateMemoryMb).not.toHaveBeenCalled();
  expect(report.memoryMb).toBeGreaterThan(1);
});
