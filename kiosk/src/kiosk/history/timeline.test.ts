import { describe, expect, test } from 'vitest';
import { type Tally, Timeline } from './timeline.ts';

const start = 1_700_000_000_000;
const labels = ['neutral', 'happy'];

function timeline(): Timeline {
  return new Timeline({ bucketMs: 5000, windowMs: 20_000 });
}

function tally(at: number, counts: Record<string, number>): Tally {
  return { start: at, counts };
}

describe('the last minutes', () => {
  test('shares of labels, cumulative; a bucket without a face is a gap', () => {
    const line = timeline();
    for (const label of ['neutral', 'happy', 'happy', 'happy']) line.add(start + 100, label);
    line.add(start + 10_000, 'neutral');
    const columns = line.columns(start + 15_000, labels);
    expect(columns.times).toEqual([0, 5, 10, 15].map((second) => start / 1000 + second + 2.5));
    expect(columns.cumulative.get('neutral')).toEqual([0.25, null, 1, null]);
    expect(columns.cumulative.get('happy')).toEqual([1, null, 1, null]);
  });

  test('a label that has no column leaves its share free', () => {
    const line = timeline();
    line.add(start, 'uncertain');
    line.add(start, 'happy');
    expect(line.columns(start, labels).cumulative.get('happy')?.at(-1)).toBe(0.5);
  });

  test('sums up the last hour, and leaves out what is older', () => {
    const line = new Timeline({ bucketMs: 5000, windowMs: 60_000 });
    line.add(start - 60_000, 'happy');
    line.add(start - 55_000, 'happy');
    line.add(start, 'neutral');
    expect(line.counts(start)).toEqual({ happy: 1, neutral: 1 });
    expect(line.counts(start + 120_000)).toEqual({});
  });

  test('what was uncertain has a column of its own where the chart shows it, and is filled in from the log', () => {
    const line = timeline();
    line.add(start, 'uncertain');
    line.add(start, 'happy');
    line.backfill([tally(start + 5000, { uncertain: 30 })]);
    const { cumulative } = line.columns(start + 5000, [...labels, 'uncertain']);
    expect(cumulative.get('happy')?.slice(-2)).toEqual([0.5, 0]);
    expect(cumulative.get('uncertain')?.slice(-2)).toEqual([1, 1]);
  });

  test('what was logged fills what this page has not seen, and does not count what it has seen twice', () => {
    const line = timeline();
    for (let second = 0; second < 40; second += 1) line.add(start + 10_000, 'happy');
    line.add(start + 5000, 'happy');
    line.backfill([
      tally(start, { neutral: 30, happy: 30 }),
      tally(start + 5000, { neutral: 150 }),
      tally(start + 10_000, { neutral: 30 }),
    ]);
    const { cumulative } = line.columns(start + 15_000, labels);
    expect(cumulative.get('neutral')).toEqual([0.5, 1, 0, null]);
  });

  test('is empty at first, and when all is long ago', () => {
    const line = timeline();
    expect(line.columns(start, labels).filled).toBe(0);
    line.add(start, 'happy');
    expect(line.columns(start, labels).filled).toBe(1);
    expect(line.columns(start + 20_000, labels).filled).toBe(0);
  });

  test('a clock that is set back shows the time after it', () => {
    const line = timeline();
    line.add(start + 86_400_000, 'happy');
    line.add(start, 'neutral');
    expect(line.columns(start, labels).cumulative.get('neutral')?.at(-1)).toBe(1);
  });
});
