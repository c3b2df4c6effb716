import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { numbersFrom } from '../../../core/seeded-numbers.ts';
import { scratchFolder } from '../../fixtures/scratch.ts';
import { isMet } from '../targets.ts';
import { SoakProgress } from './progress.ts';
import { readSamples, type SoakSample, writeSample } from './samples.ts';
import { judge, soakTargets } from './verdict.ts';

const folder = scratchFolder();

/** One sample every 250 frames. Caches fill during the first `warmUp` samples. */
function run(leakPerFrameKb: number, { samples = 1000, warmUp = 100 } = {}): SoakSample[] {
  const next = numbersFrom(7);
  return Array.from({ length: samples }, (_, index) => {
    const frames = (index + 1) * 250;
    const visionMb = 120 + Math.min(warmUp, index) * 0.4 + next() * 4 + (frames * leakPerFrameKb) / 1024;
    return { seconds: index * 2, frames, daemonMb: 70 + next() * 3, visionMb, restarts: 0 };
  });
}

const unmet = (samples: readonly SoakSample[]) =>
  soakTargets(judge(samples))
    .filter((target) => !isMet(target))
    .map(({ what }) => what);

test('caches that fill up are no growth', () => {
  expect(unmet(run(0))).toEqual([]);
});

test('a leak of half a kilobyte per frame is detected, in the right process', () => {
  const verdict = judge(run(0.5));
  expect(unmet(run(0.5))).toContain('growth of memory that is certain (95 %)');
  expect(verdict.vision!.slope).toBeCloseTo((0.5 * 200_000) / 1024, 0);
  expect(Math.abs(verdict.daemon!.slope)).toBeLessThan(3);
});

test('only the last 200,000 frames of a longer run count: earlier growth is ignored', () => {
  const settledLate = run(0, { samples: 1600, warmUp: 780 });
  expect(judge(settledLate)).toMatchObject({ frames: 400_000, judged: 200_000 });
  expect(unmet(settledLate)).not.toContain('growth of memory that is certain (95 %)');
  expect(unmet(settledLate.slice(0, 1000))).toContain('growth of memory that is certain (95 %)');
  expect(unmet(run(0.02, { samples: 1600 }))).toContain('growth of memory that is certain (95 %)');
});

test('a short run proves nothing', () => {
  expect(unmet(run(0).slice(0, 60))).toContain('frames');
  expect(unmet([])).toContain('growth of memory that is possible (95 %)');
});

test('a soak ends after both its minutes and its frames, and reports its progress', () => {
  const progress = new SoakProgress({ minutes: 30, frames: 200_000 });
  const sample = { seconds: 1830, frames: 180_000, daemonMb: 71.2, visionMb: 130.4, restarts: 0 };
  expect(progress.isDone(1830, undefined)).toBe(false);
  expect(progress.isDone(1830, sample)).toBe(false);
  expect(progress.isDone(1700, { ...sample, frames: 210_000 })).toBe(false);
  expect(progress.isDone(1830, { ...sample, frames: 210_000 })).toBe(true);
  expect(new SoakProgress({ minutes: 30, frames: 0 }).isDone(1800, sample)).toBe(true);
  expect(progress.line(sample)).toBe('soak 30.5 of 30 minutes, 180000 of 200000 frames, 202 MB (vision 130)');
});

test('an incomplete last line of samples is ignored', () => {
  const file = join(folder, 'cut.jsonl');
  const samples = run(0).slice(0, 5);
  for (const sample of samples) writeSample(file, sample);
  appendFileSync(file, '{"seconds":12,"fra');
  expect(readSamples(file)).toEqual(samples);
});

test('a file without samples is refused with the number of the line', () => {
  const file = join(folder, 'other.jsonl');
  writeFileSync(file, '{"frames":1}\n{"frames":2}\n');
  expect(() => readSamples(file)).toThrow(/Line 1 of .*other\.jsonl is not a soak sample/);
  expect(() => readSamples(join(folder, 'none.jsonl'))).toThrow(/cannot be read \(ENOENT\)/);
});
