import { expect, test } from 'vitest';
import { bucketsOf } from './buckets.ts';

const at = (text: string) => Date.parse(text);
const starts = (from: string, to: string, bucket: Parameters<typeof bucketsOf>[1], tz: string) =>
  bucketsOf({ from: at(from), to: at(to) }, bucket, tz, 1000).map((span) => new Date(span.from).toISOString());

test('days begin at midnight of the time zone, and are 23 or 25 hours long where clocks change', () => {
  const days = bucketsOf({ from: at('2026-03-28T12:00Z'), to: at('2026-03-31T12:00Z') }, 'day', 'Europe/Berlin', 100);
  expect(days.map(({ from, to }) => (to - from) / 3_600_000)).toEqual([24, 23, 24, 24]);
  expect(new Date(days[0]!.from).toISOString()).toBe('2026-03-27T23:00:00.000Z');
  const autumn = bucketsOf({ from: at('2026-10-24T12:00Z'), to: at('2026-10-26T12:00Z') }, 'day', 'Europe/Berlin', 100);
  expect(autumn.map(({ from, to }) => (to - from) / 3_600_000)).toEqual([24, 25, 24]);
});

test('each ends where the next begins', () => {
  for (const bucket of ['minute', 'hour', 'day', 'week'] as const) {
    const spans = bucketsOf(
      { from: at('2026-10-20T00:00Z'), to: at('2026-10-27T00:00Z') },
      bucket,
      'Australia/Lord_Howe',
      20_000,
    );
    for (const [index, { to }] of spans.entries()) expect(spans[index + 1]?.from ?? to).toBe(to);
    expect(spans[0]!.from).toBeLessThanOrEqual(at('2026-10-20T00:00Z'));
    expect(spans.at(-1)!.to).toBeGreaterThanOrEqual(at('2026-10-27T00:00Z'));
  }
});

test('hours of a zone that is off by half an hour, weeks from Monday', () => {
  expect(starts('2026-01-01T00:10Z', '2026-01-01T01:00Z', 'hour', 'Asia/Kolkata')).toEqual([
    '2025-12-31T23:30:00.000Z',
    '2026-01-01T00:30:00.000Z',
  ]);
  expect(starts('2026-11-24T12:00Z', '2026-12-01T12:00Z', 'week', 'UTC')).toEqual([
    '2026-11-23T00:00:00.000Z',
    '2026-11-30T00:00:00.000Z',
  ]);
});

test('stops one beyond the most, so that too many are noticed', () => {
  expect(bucketsOf({ from: 0, to: at('2026-01-01T00:00Z') }, 'minute', 'UTC', 10)).toHaveLength(11);
});
