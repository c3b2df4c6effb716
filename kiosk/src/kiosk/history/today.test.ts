import { describe, expect, test } from 'vitest';
import { dayColumns, dayOf, type Logged, summarise } from './today.ts';

const noon = new Date(2026, 4, 5, 12, 30).getTime();
const hourMs = 3_600_000;
const { from, to } = dayOf(noon);

describe('today', () => {
  test('runs from midnight to midnight of the screen', () => {
    expect(new Date(from).getHours()).toBe(0);
    expect(new Date(to).getDate()).toBe(6);
  });

  test('has a column per hour, wherever in the hour a row starts', () => {
    const hours: Logged[] = [
      { start: from + 9 * hourMs, seconds: { happy: 30, sad: 10 }, visits: 4 },
      { start: from + 11 * hourMs + 1_800_000, seconds: { sad: 20 }, visits: 1 },
      { start: from - hourMs, seconds: { sad: 90 }, visits: 9 },
    ];
    const { cumulative, filled, max, now, times } = dayColumns(hours, noon + 1234, ['happy', 'sad']);
    expect(times).toHaveLength(24);
    expect(cumulative.get('happy')?.slice(8, 12)).toEqual([null, 30, null, 0]);
    expect(cumulative.get('sad')?.slice(8, 12)).toEqual([null, 40, null, 20]);
    expect({ filled, max, now }).toEqual({ filled: 2, max: 40, now: noon / 1000 + 60 });
  });

  test('is summed up by its visits and the seconds of each expression', () => {
    const hours: Logged[] = [
      { start: from, seconds: { happy: 3, uncertain: 50 }, visits: 4 },
      { start: from + hourMs, seconds: { neutral: 5, happy: 2 }, visits: 2 },
    ];
    expect(summarise(hours)).toEqual({ visits: 6, seconds: { happy: 5, uncertain: 50, neutral: 5 } });
    expect(summarise([])).toEqual({ visits: 0, seconds: {} });
  });
});
