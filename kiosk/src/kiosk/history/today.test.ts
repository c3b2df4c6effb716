import { describe, expect, test } from 'vitest';
import { dayColumns, dayOf, type Hour, summarise } from './today.ts';

const noon = new Date(2026, 4, 5, 12, 30).getTime();
const hourMs = 3_600_000;
const { from, to } = dayOf(noon);

describe('today', () => {
  test('runs from midnight to midnight of the screen', () => {
    expect(new Date(from).getHours()).toBe(0);
    expect(new Date(to).getDate()).toBe(6);
  });

  test('has a column per hour, wherever in the hour its row starts', () => {
    const hours: Hour[] = [
      { start: from + 9 * hourMs, counts: { happy: 3, sad: 1 }, visits: 4 },
      { start: from + 11 * hourMs + 1_800_000, counts: { sad: 2 }, visits: 1 },
      { start: from - hourMs, counts: { sad: 9 }, visits: 9 },
    ];
    const { cumulative, filled, times } = dayColumns(hours, noon, ['happy', 'sad']);
    expect(times).toHaveLength(24);
    expect(cumulative.get('happy')?.slice(8, 12)).toEqual([null, 0.75, null, 0]);
    expect(filled).toBe(2);
  });

  test('is summed up by its visits and the share of happy among what has a name', () => {
    const hours: Hour[] = [
      { start: from, counts: { happy: 3, uncertain: 50 }, visits: 4 },
      { start: from + hourMs, counts: { neutral: 5, happy: 2 }, visits: 2 },
    ];
    expect(summarise(hours)).toEqual({ visits: 6, happyShare: 0.5 });
    expect(summarise([])).toEqual({ visits: 0, happyShare: null });
  });
});
