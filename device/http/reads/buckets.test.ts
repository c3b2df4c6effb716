import { expect, test } from 'vitest';
import { bucketsOf } from './buckets.ts';

const at = (text: string) => Date.parse(text);
const starts = (from: string, to: string, bucket: Parameters<typeof bucketsOf>[1], tz: string) =>
  bucketsOf({ from: at(from), to: at(to) }, bucket, tz, 1000).map((span) => new Date(span.from).toISOString());

test('days begin at midnight of the time zone, and have 23 or 25 hours at a change of clocks', () => {
  const days = bucketsOf({ from: at('2026-03-28T12:00Z'), to: at('2026-03-31T12:00Z') }, 'day', 'Europe/Berlin', 100);
  expect(days.map(({ from, to }) => (to - from) / 3_600_000)).toEqual([24, 23, 24, 24]);
  expect(new Date(days[0]!.from).toISOString()).toBe('2026-03-27T23:00:00.000Z');
  const autumn = bucketsOf({ from: at('2026-10-24T12:00Z'), to: at('2026-10-26T12:00Z') }, 'day', 'Europe/Berlin', 100);
  expect(autumn.map(({ from, to }) => (to - from) / 3_600_000)).toEqual([24, 25, 24]);
});

test('each bucket ends where the next begins', () => {
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

test('hours of a zone with an offset of half an hour, and weeks from Monday', () => {
  expect(starts('2026-01-01T00:10Z', '2026-01-01T01:00Z', 'hour', 'Asia/Kolkata')).toEqual([
    '2025-12-31T23:30:00.000Z',
    '2026-01-01T00:30:00.000Z',
  ]);
  expect(starts('2026-11-24T12:00Z', '2026-12-01T12:00Z', 'week', 'UTC')).toEqual([
    '2026-11-23T00:00:00.000Z',
    '2026-11-30T00:00:00.000Z',
  ]);
});

test('stops one bucket above the limit, so that the caller notices', () => {
  expect(bucketsOf({ from: 0, to: at('2026-01-01T00:00Z') }, 'minute', 'UTC', 10)).toHaveLength(11);
});

test.each([
  // Clocks are set forward at midnight: the day begins at one.
  ['America/Santiago', '2026-09-06', '2026-09-06T04:00:00.000Z', 23],
  ['America/Havana', '2026-03-08', '2026-03-08T05:00:00.000Z', 23],
  ['Atlantic/Azores', '2026-03-29', '2026-03-29T01:00:00.000Z', 23],
  ['Asia/Beirut', '2026-03-29', '2026-03-28T22:00:00.000Z', 23],
  // Clocks are set back over midnight: the day begins with the first one.
  ['America/Havana', '2026-11-01', '2026-11-01T04:00:00.000Z', 25],
  ['Atlantic/Azores', '2026-10-25', '2026-10-25T00:00:00.000Z', 25],
])('in %s the day %s begins at %s and has %i hours', (tz, day, start, hours) => {
  const noon = at(`${day}T16:00Z`);
  const [span] = bucketsOf({ from: noon, to: noon + 1 }, 'day', tz, 1);
  expect(new Date(span!.from).toISOString()).toBe(start);
  expect((span!.to - span!.from) / 3_600_000).toBe(hours);
});

test('a skipped day has no bucket: Apia in 2011', () => {
  expect(starts('2011-12-29T12:00Z', '2012-01-01T00:00Z', 'day', 'Pacific/Apia').slice(0, 2)).toEqual([
    '2011-12-29T10:00:00.000Z',
    '2011-12-30T10:00:00.000Z',
  ]);
});

test('a change of clocks within an hour begins a new bucket', () => {
  // Lord Howe sets its clocks back by half an hour, from two to half past one.
  expect(starts('2026-04-04T14:30Z', '2026-04-04T15:40Z', 'hour', 'Australia/Lord_Howe')).toEqual([
    '2026-04-04T14:00:00.000Z',
    '2026-04-04T15:00:00.000Z',
    '2026-04-04T15:30:00.000Z',
  ]);
});

const zones = Intl.supportedValuesOf('timeZone');

test(`in all ${zones.length} time zones a day begins with the first instant of its date, around each change of clocks`, () => {
  for (const tz of zones) {
    const format = new Intl.DateTimeFormat('sv-SE', { timeZone: tz, dateStyle: 'short' });
    const dateAt = (ts: number) => format.format(ts);
    for (const change of changesOf(tz)) {
      const spans = bucketsOf({ from: change - 3 * 86_400_000, to: change + 3 * 86_400_000 }, 'day', tz, 10);
      for (const { from, to } of spans) {
        const what = `${tz} ${new Date(from).toISOString()}`;
        expect(`${what} ${dateAt(from - 1) < dateAt(from)}`).toBe(`${what} true`);
        expect(`${what} ${dateAt(to - 1)}`).toBe(`${what} ${dateAt(from)}`);
      }
    }
  }
}, 60_000);

/** Approximate times of the clock changes of a zone, from 2025 to 2027. */
function changesOf(tz: string): number[] {
  const format = new Intl.DateTimeFormat('en-US', { timeZone: tz, timeZoneName: 'longOffset' });
  const offsetAt = (ts: number) => format.format(ts).split('GMT')[1];
  const days = Array.from({ length: 3 * 365 }, (_, day) => at('2025-01-01T00:00Z') + day * 86_400_000);
  return days.filter((day) => offsetAt(day) !== offsetAt(day + 86_400_000));
}
