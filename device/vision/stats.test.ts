import { expect, test } from 'vitest';
import { heardLog } from '../lab/fixtures/log.ts';
import { FrameStats } from './stats.ts';
import { StderrLog } from './supervise/stderr-log.ts';

test('rates are counted over the last three seconds, latency is the median', () => {
  const stats = new FrameStats();
  expect(stats.snapshot(0)).toEqual({ fps: 0, droppedFps: 0, latencyMs: undefined });
  // Ten seconds at 20 frames a second with every other frame dropped; one in ten is slow.
  for (let frame = 0; frame < 100; frame++)
    stats.add({ at: frame * 100, latencyMs: frame % 10 === 0 ? 300 : 25, dropped: 1, skipped: 0 });
  expect(stats.snapshot(9900)).toEqual({ fps: 10.3, droppedFps: 10.3, latencyMs: 25 });
});

test('right after the start a few frames do not give a rate of hundreds', () => {
  const stats = new FrameStats();
  stats.add({ at: 1000, latencyMs: 12.34, dropped: 0, skipped: 0 });
  stats.add({ at: 1001, latencyMs: 12.34, dropped: 0, skipped: 0 });
  expect(stats.snapshot(1002)).toEqual({ fps: 2, droppedFps: 0, latencyMs: 12.3 });
});

test('at low frame rates the rate is never 0', () => {
  const stats = new FrameStats();
  for (let frame = 0; frame < 5; frame++) stats.add({ at: frame * 10_000, latencyMs: 25, dropped: 0, skipped: 0 });
  for (const now of [40_100, 45_000, 49_900]) expect(stats.snapshot(now).fps).toBeGreaterThan(0);
  expect(stats.snapshot(70_000).fps).toBe(0);
});

test('when frames stop, the rate falls to 0', () => {
  const stats = new FrameStats();
  for (let frame = 0; frame < 30; frame++) stats.add({ at: frame * 33, latencyMs: 20, dropped: 0, skipped: 0 });
  expect(stats.snapshot(3000).fps).toBe(10);
  expect(stats.snapshot(5000)).toEqual({ fps: 0, droppedFps: 0, latencyMs: undefined });
});

test('stderr of a process is logged at a limited rate, and its last lines at the end', () => {
  const log = heardLog();
  let mono = 0;
  const stderr = new StderrLog(log, { now: () => 0, mono: () => mono });
  const noise = (frame: number) => `Corrupt JPEG data: ${frame}\n`;
  for (let frame = 0; frame < 400; frame++, mono += 33) stderr.add(noise(frame));
  // 13 s: the first frame at once, the second after ten seconds.
  expect(log.lines).toHaveLength(2);
  expect(log.lines[0]).toEqual({ level: 'warn', text: noise(0).trim() });
  expect(log.lines[1]!.text.length).toBeLessThanOrEqual(1000);
  stderr.add('Error: out of memory\n    at VisionLoop.run\n');
  stderr.flush();
  expect(log.lines).toHaveLength(3);
  expect(log.lines[2]!.text).toMatch(/Corrupt JPEG data: 399\nError: out of memory\n {4}at VisionLoop\.run$/);
  stderr.flush();
  expect(log.lines).toHaveLength(3);
});
