import Sqlite from 'better-sqlite3';
import { expect, test, vi } from 'vitest';
import {
  acknowledge,
  handClock,
  keepDays,
  minute,
  reading,
  START,
  stored,
  storedRows,
  testStores,
  visit,
} from '../../../lab/fixtures/store.ts';

const { build } = testStores();

test('old rows are deleted in small transactions, newer ones stay', async () => {
  const clock = handClock();
  const { sink, file } = build({ keep: keepDays(2), keepUnpublished: false, clock });
  await sink.start();
  for (let seq = 0; seq < 1500; seq += 1) sink.onVisit?.(visit(seq, { startedAt: START - 3 * 86_400_000 }));
  sink.onVisit?.(visit(5000));
  vi.advanceTimersByTime(1000);
  expect(stored(file).visits).toHaveLength(501);
  vi.advanceTimersByTime(1000);
  expect(stored(file).visits).toMatchObject([{ seq: 5000 }]);
  for (let day = 0; day < 5; day += 1) {
    clock.pass(86_400_000);
    vi.advanceTimersByTime(1000);
  }
  expect(stored(file).visits).toEqual([]);
});

test('unpublished visits outlive the retention, up to a maximum number', async () => {
  const clock = handClock();
  const { sink, file } = build({ keep: keepDays(2), clock });
  await sink.start();
  for (const seq of [1, 2, 3]) sink.onVisit?.(visit(seq, { startedAt: START - 3 * 86_400_000 }));
  acknowledge(sink, 'boot-2');
  vi.advanceTimersByTime(2000);
  expect(stored(file).visits.map(({ seq }) => seq)).toEqual([1, 3]);
  acknowledge(sink, 'boot-3');
  sink.onVisit?.(visit(4, { startedAt: START - 3 * 86_400_000 }));
  sink.onVisit?.(visit(5));
  const other = new Sqlite(file);
  other.exec("UPDATE visits SET n = (SELECT n FROM visits WHERE id = 'boot-1') + 100000 WHERE id = 'boot-5'");
  other.close();
  clock.pass(3_600_000);
  vi.advanceTimersByTime(2000);
  expect(stored(file).visits.map(({ seq }) => seq)).toEqual([4, 5]);
});

const dayMs = 86_400_000;
const hourMs = 3_600_000;

test('each table has its own period, and the history of deleted minutes is that of their hours', async () => {
  const clock = handClock();
  const keep = { samplesDays: 1, visitsDays: 3, minutesDays: 6, hoursDays: 20 };
  const { sink, file } = build({ keep, clock });
  await sink.start();
  const hour = Math.floor(START / hourMs) * hourMs;
  // A minute in each of eight days, each in its own hour, and a visit and a sample with it.
  for (let day = 0; day < 8; day += 1) {
    const startedAt = hour + day * dayMs;
    sink.onMinute?.(minute(day + 1, { startedAt, endedAt: startedAt + 60_000 }));
    sink.onVisit?.(visit(day, { startedAt, endedAt: startedAt + 900 }));
    acknowledge(sink, `boot-${day}`);
    sink.onReading?.({ ...reading(day * dayMs, 1), ts: startedAt });
    for (let hours = 0; hours < 24; hours += 1) {
      clock.pass(hourMs);
      vi.advanceTimersByTime(2000);
    }
  }
  sink.markPublished(sink.waiting(100));
  const before = sink.summary({ from: 0, to: 2 * START });
  expect(before).toMatchObject({ samples: 280, visits: 8 });
  const left = () => ({
    samples: stored(file).samples.length,
    visits: stored(file).visits.length,
    minutes: storedRows(file, 'minutes').length,
    hours: storedRows(file, 'hours').length,
  });
  expect(left()).toEqual({ samples: 0, visits: 2, minutes: 8, hours: 7 });
  passHours(3);
  expect(left()).toEqual({ samples: 0, visits: 2, minutes: 5, hours: 7 });
  expect(sink.summary({ from: 0, to: 2 * START })).toEqual(before);
  passHours(11 * 24);
  // The last minute is in no hour yet.
  expect(left()).toEqual({ samples: 0, visits: 0, minutes: 1, hours: 7 });
  expect(sink.summary({ from: 0, to: 2 * START })).toEqual(before);
  passHours(5 * 24);
  expect(left()).toEqual({ samples: 0, visits: 0, minutes: 1, hours: 2 });

  function passHours(hours: number): void {
    for (let passed = 0; passed < hours; passed += 1) {
      clock.pass(hourMs);
      vi.advanceTimersByTime(2000);
    }
  }
});

test('unpublished minutes are kept', async () => {
  const clock = handClock();
  const { sink, file } = build({ keep: keepDays(2), clock });
  await sink.start();
  const hour = Math.floor(START / hourMs) * hourMs - 10 * dayMs;
  for (let index = 0; index < 3; index += 1) {
    sink.onMinute?.(minute(index + 1, { startedAt: hour + index * hourMs, endedAt: hour + index * hourMs + 60_000 }));
  }
  sink.markPublished(sink.waiting(1));
  for (let passed = 0; passed < 4; passed += 1) {
    clock.pass(hourMs);
    vi.advanceTimersByTime(2000);
  }
  expect(storedRows(file, 'minutes').map(({ seq }) => seq)).toEqual([2, 3]);
});

test('with many visits that no broker has, a round looks at some of them only, and goes on once they are published', async () => {
  const clock = handClock();
  const { sink, file } = build({ keep: keepDays(2), clock });
  await sink.start();
  for (let seq = 1; seq <= 3100; seq += 1) {
    sink.onVisit?.(visit(seq, { startedAt: START - 5 * dayMs + seq * 1000 }));
    if (seq > 3050) acknowledge(sink, `boot-${seq}`);
  }
  passHour();
  expect(stored(file).visits).toHaveLength(3100);
  sink.markPublished(sink.waiting(3050));
  passHour();
  expect(stored(file).visits).toEqual([]);

  function passHour(): void {
    clock.pass(hourMs);
    vi.advanceTimersByTime(6000);
  }
});

test('minutes of a clock that was ahead are deleted with all of their hour', async () => {
  const clock = handClock();
  const { sink } = build({ keep: keepDays(1), clock });
  await sink.start();
  const hour = Math.floor(START / hourMs) * hourMs;
  const ahead = Array.from({ length: 60 }, (_, index) => hour + (26 + index) * hourMs);
  const starts = ahead.flatMap((start) => [start, start + 60_000]);
  for (const [index, startedAt] of [...starts, hour].entries()) sink.onMinute?.(minute(index + 1, { startedAt }));
  sink.markPublished(sink.waiting(1000));
  for (let hours = 0; hours < 60; hours += 1) {
    clock.pass(hourMs);
    vi.advanceTimersByTime(2000);
    // An hour is counted by its minutes or by its sum, never by a part of them.
    for (const from of ahead) expect([0, 2]).toContain(sink.summary({ from, to: from + hourMs }).visits);
  }
});

test('a transaction deletes at most twelve hours of minutes of a clock that was ahead', async () => {
  const clock = handClock();
  const { sink, file } = build({ keep: keepDays(1), clock });
  await sink.start();
  const ahead = Math.floor(START / hourMs) * hourMs + 30 * dayMs;
  for (let index = 0; index < 48 * 60; index += 1)
    sink.onMinute?.(minute(index + 1, { startedAt: ahead + index * 60_000 }));
  vi.advanceTimersByTime(5000);
  sink.markPublished(sink.waiting(3000));
  const database = new Sqlite(file, { readonly: true });
  const left = () => database.prepare('SELECT count(*) FROM minutes').pluck().get() as number;
  const counts = new Set([left()]);
  for (let hours = 0; hours < 30; hours += 1) {
    clock.pass(hourMs);
    for (let tick = 0; tick < 6; tick += 1) {
      vi.advanceTimersByTime(1000);
      counts.add(left());
    }
  }
  database.close();
  // The last hour is not summed up yet.
  expect([...counts]).toEqual([2880, 2160, 1440, 720, 60]);
});
