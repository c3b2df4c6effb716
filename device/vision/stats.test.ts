import { expect, test } from 'vitest';
import { heardLog } from '../lab/fixtures/log.ts';
import { FrameStats } from './stats.ts';
import { StderrLog } from './supervise/stderr-log.ts';

test('rates are counted over the last three seconds, latency is the median', () => {
  const stats = new FrameStats();
  expect(stats.snapshot(0)).toEqual({ fps: 0, droppedFps: 0, latencyMs: undefined });
  // Ten seconds at 20 frames a second, of which every other was dropped; one in ten took long.
  for (let frame = 0; frame < 100; frame++) stats.add(frame * 100, 1, frame % 10 === 0 ? 300 : 25);
  expect(stats.snapshot(9900)).toEqual({ fps: 10.3, droppedFps: 10.3, latencyMs: 25 });
});

test('right after the start a few frames do not make a rate of hundreds', () => {
  const stats = new FrameStats();
  stats.add(1000, 0, 12.34);
  stats.add(1001, 0, 12.34);
  expect(stats.snapshot(1002)).toEqual({ fps: 2, droppedFps: 0, latencyMs: 12.3 });
});

test('where frames come seldom, their rate is never taken for 0', () => {
  const stats = new FrameStats();
  for (let frame = 0; frame < 5; frame++) stats.add(frame * 10_000, 0, 25);
  for (const now of [40_100, 45_000, 49_900]) expect(stats.snapshot(now).fps).toBeGreaterThan(0);
  expect(stats.snapshot(70_000).fps).toBe(0);
});

test('when no frames come any more, the rate falls to nothing', () => {
  const stats = new FrameStats();
  for (let frame = 0; frame < 30; frame++) stats.add(frame * 33, 0, 20);
  expect(stats.snapshot(3000).fps).toBe(10);
  expect(stats.snapshot(5000)).toEqual({ fps: 0, droppedFps: 0, latencyMs: undefined });
});

test('what a process writes to stderr is logged now and then, and what came last at its end', () => {
  const log = heardLog();
  let mono = 0;
  const stderr = new StderrLog(log, { now: () => 0, mono: () => mono });
  const noise = (frame: number) => `Corrupt JPEG data: ${frame}\n`;
  for (let frame = 0; frame < 400; frame++, mono += 33) stderr.add(noise(frame));
  // 13 s: the first at once, the second after ten.
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
