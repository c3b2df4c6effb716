import { describe, expect, test } from 'vitest';
import { toLogged } from './log.ts';
import { type Tally, Timeline } from './timeline.ts';

const start = 1_700_000_000_000;
const labels = ['neutral', 'happy'];

function timeline(): Timeline {
  return new Timeline({ bucketMs: 5000, windowMs: 20_000 });
}

function tally(at: number, seconds: Record<string, number>): Tally {
  return { start: at, seconds };
}

describe('the last minutes', () => {
  test('a column shows the seconds of people in view, by expression; without people there is a gap', () => {
    const line = timeline();
    for (const label of ['neutral', 'happy', 'happy', 'happy']) line.add(start + 100, label);
    line.add(start + 10_000, 'neutral');
    const columns = line.columns(start + 15_000, labels);
    expect(columns.times).toEqual([0, 5, 10, 15].map((second) => start / 1000 + second + 2.5));
    expect(columns.cumulative.get('neutral')).toEqual([1, null, 1, null]);
    expect(columns.cumulative.get('happy')).toEqual([4, null, 1, null]);
    expect(columns.max).toBe(4);
  });

  test('a label that has no column adds nothing to the height', () => {
    const line = timeline();
    line.add(start, 'uncertain');
    line.add(start, 'happy');
    const columns = line.columns(start, labels);
    expect(columns.cumulative.get('happy')?.at(-1)).toBe(1);
    expect(columns.max).toBe(1);
  });

  test('sums up the last hour, without older samples', () => {
    const line = new Timeline({ bucketMs: 5000, windowMs: 60_000 });
    line.add(start - 60_000, 'happy');
    line.add(start - 55_000, 'happy');
    line.add(start, 'neutral');
    expect(line.seconds(start)).toEqual({ happy: 1, neutral: 1 });
    expect(line.seconds(start + 120_000)).toEqual({});
  });

  test('the label uncertain has its own column if the chart shows it, and is filled from the log', () => {
    const line = timeline();
    line.add(start, 'uncertain');
    line.add(start, 'happy');
    line.backfill([tally(start + 5000, { uncertain: 30 })]);
    const { cumulative } = line.columns(start + 5000, [...labels, 'uncertain']);
    expect(cumulative.get('happy')?.slice(-2)).toEqual([1, 0]);
    expect(cumulative.get('uncertain')?.slice(-2)).toEqual([2, 30]);
  });

  test('the log fills minutes that this page has missed, and counts nothing twice', () => {
    const line = timeline();
    for (let second = 0; second < 40; second += 1) line.add(start + 10_000, 'happy');
    line.add(start + 5000, 'happy');
    line.backfill([
      tally(start, { neutral: 30, happy: 30 }),
      tally(start + 5000, { neutral: 150 }),
      tally(start + 10_000, { neutral: 30 }),
    ]);
    const { cumulative } = line.columns(start + 15_000, labels);
    expect(cumulative.get('neutral')).toEqual([30, 150, 0, null]);
    expect(cumulative.get('happy')).toEqual([60, 150, 40, null]);
  });

  test('a row of the log stands for the configured sampling interval', () => {
    const row = { start, counts: { happy: 3, uncertain: 1 }, visits: 2 };
    expect(toLogged(row, 1000)).toEqual({ start, seconds: { happy: 3, uncertain: 1 }, visits: 2 });
    expect(toLogged(row, 5000).seconds).toEqual({ happy: 15, uncertain: 5 });
    expect(toLogged(row, 200).seconds.happy).toBeCloseTo(0.6);
  });

  test('is empty at first, and when all samples are older than the window', () => {
    const line = timeline();
    expect(line.columns(start, labels).filled).toBe(0);
    line.add(start, 'happy');
    expect(line.columns(start, labels).filled).toBe(1);
    expect(line.columns(start + 20_000, labels).filled).toBe(0);
  });

  test('a clock that was set back shows the samples after that', () => {
    const line = timeline();
    line.add(start + 86_400_000, 'happy');
    line.add(start, 'neutral');
    expect(line.columns(start, labels).cumulative.get('neutral')?.at(-1)).toBe(1);
  });
});
