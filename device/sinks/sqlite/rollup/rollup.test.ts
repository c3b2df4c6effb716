import Sqlite from 'better-sqlite3';
import { expect, test, vi } from 'vitest';
import type { Minute } from '../../../core/types.ts';
import { minute, reading, START, storedRows, testStores, updated, visit } from '../../../lab/fixtures/store.ts';
import { formatVersion, migrations } from '../tables/schema.ts';

const { build, path } = testStores();
const hourMs = 3_600_000;
const hour = Math.floor(START / hourMs) * hourMs;

/** The minute `index` of the hour that START lies in. */
const minuteAt = (index: number, change: Partial<Minute> = {}) =>
  minute(index + 1, { startedAt: hour + index * 60_000, endedAt: hour + (index + 1) * 60_000, ...change });
const all = { from: 0, to: 2 * START };

test('an hour is summed up by the first minute of the next one', async () => {
  const { sink, file } = build();
  await sink.start();
  for (let index = 0; index < 60; index += 1) sink.onMinute?.(minuteAt(index, { people: index % 5 }));
  expect(storedRows(file, 'hours')).toEqual([]);
  sink.onMinute?.(minuteAt(60));
  expect(storedRows(file, 'hours')).toEqual([
    {
      start: hour,
      durationMs: hourMs,
      people: 4,
      visitsBegun: 60,
      visitsEnded: 60,
      dwellMs: 60 * 900,
      ended: { happy: { visits: 60, dwellMs: 60 * 900 } },
      shownMs: { happy: 60 * 30_000, uncertain: 60 * 5000 },
      watchedMs: 60 * 50_000,
      blindMs: 60 * 10_000,
      pausedMs: 0,
    },
  ]);
});

test('a late minute of an hour is added, and no minute is summed up twice, also after a restart and a clock that was set', async () => {
  const first = build({ bootId: 'boot' });
  await first.sink.start();
  first.sink.onMinute?.(minuteAt(0));
  first.sink.onMinute?.(minuteAt(60));
  first.sink.onMinute?.(minuteAt(0));
  first.sink.onOpenMinute?.(minuteAt(1, { durationMs: 20_000, watchedMs: 20_000, blindMs: 0 }));
  await first.sink.stop();

  const { sink, file } = build({ bootId: 'next' });
  await sink.start();
  const atNext = (index: number) => ({ ...minuteAt(index), id: `next-m${index}`, bootId: 'next' });
  // 1970, then ten years ahead, then right again.
  sink.onMinute?.({ ...atNext(70), startedAt: 60_000 });
  sink.onMinute?.({ ...atNext(71), startedAt: hour + 10 * 365 * 24 * hourMs });
  sink.onMinute?.(atNext(72));
  sink.onMinute?.(atNext(130));
  const watched = new Map<number, number>();
  for (const { start, watchedMs } of storedRows(file, 'hours'))
    watched.set(start, (watched.get(start) ?? 0) + watchedMs);
  expect([...watched]).toEqual([
    [0, 50_000],
    [hour, 70_000],
    [hour + hourMs, 100_000],
    [hour + 10 * 365 * 24 * hourMs, 50_000],
  ]);
});

test('history comes from the hours where the minutes are deleted, and from the minutes elsewhere', async () => {
  const { sink, file } = build();
  await sink.start();
  for (const index of [0, 1, 60, 61, 120]) sink.onMinute?.(minuteAt(index));
  const before = sink.summary(all);
  expect(before).toEqual({ samples: 175, counts: { happy: 150, uncertain: 25 }, visits: 5, dwellMs: 4500 });
  const other = new Sqlite(file);
  other.prepare('DELETE FROM minutes WHERE started_at < ?').run(hour + hourMs);
  other.close();
  expect(storedRows(file, 'minutes')).toHaveLength(3);
  expect(sink.summary(all)).toEqual(before);
  expect(sink.summary({ from: hour, to: hour + hourMs })).toMatchObject({ samples: 70, visits: 2 });
  expect(sink.summary({ ...all, label: 'happy' })).toMatchObject({ samples: 150, counts: { happy: 150 }, visits: 5 });
  expect(sink.summary({ ...all, label: 'uncertain' })).toMatchObject({ samples: 25, visits: 0, dwellMs: 0 });
});

test('the minute in progress counts with the rows after its snapshot, and becomes a record with them after a kill', async () => {
  const first = build();
  await first.sink.start();
  first.sink.onVisit?.(visit(1));
  first.sink.onOpenMinute?.(
    minute(1, {
      startedAt: START,
      endedAt: START + 1000,
      durationMs: 1000,
      watchedMs: 1000,
      blindMs: 0,
      shownMs: { happy: 800 },
    }),
  );
  first.sink.onVisit?.(visit(2, { dominant: 'sad' }));
  first.sink.onStays?.([visit(3)]);
  for (const mono of [0, 1000, 2000, 3000]) first.sink.onReading?.(reading(mono, 1, 2));
  vi.advanceTimersByTime(1000);
  const span = { from: START, to: START + 60_000 };
  // The samples at 1 and 2 s; that of second 0 is in the snapshot.
  const seen = { samples: 5, counts: { happy: 5 } };
  expect(first.sink.summary(span)).toEqual({ ...seen, visits: 2, dwellMs: 1800 });

  const { sink, file } = build({ bootId: 'next', file: copyOf(first.file) });
  await sink.start();
  expect(sink.summary(span)).toEqual({ ...seen, visits: 3, dwellMs: 2700 });
  expect(storedRows(file, 'minutes')).toMatchObject([
    {
      id: 'boot-m1',
      cut: true,
      durationMs: 3000,
      watchedMs: 3000,
      endedAt: START + 3000,
      shownMs: { happy: 4800 },
      visitsEnded: 3,
      ended: { happy: { visits: 2 }, sad: { visits: 1 } },
    },
  ]);
});

/** The database as a kill leaves it. */
function copyOf(file: string): string {
  const copy = path('copy.db');
  const database = new Sqlite(file, { readonly: true });
  database.prepare('VACUUM INTO ?').run(copy);
  database.close();
  return copy;
}

test('rows of an older Mien without minutes are rolled up in pieces, and history is right after each piece', async () => {
  const file = path('old.db');
  const old = new Sqlite(file);
  for (const migration of migrations.slice(0, formatVersion)) old.exec(migration);
  old.pragma(`user_version = ${formatVersion}`);
  writeAsOld(old, { boot: 1, from: 0, samples: 7000, visits: 1200 });
  old.close();
  const expected = { samples: 7000, counts: { happy: 3500, sad: 3500 }, visits: 1200, dwellMs: 1200 * 900 };

  const first = build({ file });
  await first.sink.start();
  await updated(first);
  for (let piece = 0; piece < 3; piece += 1) {
    expect(first.sink.summary(all)).toEqual(expected);
    vi.advanceTimersByTime(1000);
  }
  await first.sink.stop();
  const { sink } = build({ file, bootId: 'next' });
  await sink.start();
  for (let piece = 0; piece < 8; piece += 1) {
    expect(sink.summary(all)).toEqual(expected);
    vi.advanceTimersByTime(1000);
  }
  const past = storedRows(file, 'minutes');
  expect(past.filter(({ durationMs }) => durationMs !== 0)).toEqual([]);
  expect(new Set(past.map(({ bootId, seq }) => `${bootId} ${seq}`)).size).toBe(past.length);
  expect(past.reduce((sum, { shownMs }) => sum + (shownMs.happy ?? 0), 0)).toBe(3_500_000);
  expect(sink.waiting(2000).every(({ kind }) => kind === 'visit')).toBe(true);

  // Nothing is lost where the samples are deleted, and nothing is counted twice after another run of the older Mien.
  await sink.stop();
  const again = new Sqlite(file);
  again.exec('DELETE FROM samples');
  writeAsOld(again, { boot: 100, from: 100_000, samples: 10, visits: 3 });
  again.close();
  const last = build({ file, bootId: 'last' });
  await last.sink.start();
  const more = { samples: 7010, counts: { happy: 3505, sad: 3505 }, visits: 1203, dwellMs: 1203 * 900 };
  expect(last.sink.summary(all)).toEqual(more);
  vi.advanceTimersByTime(5000);
  expect(last.sink.summary(all)).toEqual(more);
});

/** Rows as an older Mien without minutes writes them. */
function writeAsOld(
  database: Sqlite.Database,
  rows: { boot: number; from: number; samples: number; visits: number },
): void {
  const { boot, from, samples, visits } = rows;
  database.exec(`INSERT OR IGNORE INTO label_sets (n, labels) VALUES (1, '["happy"]')`);
  database.prepare('INSERT INTO boots (n, boot_id, started_at) VALUES (?, ?, 0)').run(boot, `old-${boot}`);
  const sample = database.prepare(
    `INSERT INTO samples (ts, boot, track, label, label_set, probabilities, score, frames) VALUES (?, ?, 1, ?, 1, '[1]', 1, 3)`,
  );
  const stay = database.prepare(
    `INSERT INTO visits (id, boot_id, seq, track, started_at, ended_at, dwell_ms, dominant, shares, reasons, frames)
     VALUES (?, ?, ?, 1, ?, ?, 900, 'happy', '{}', '{}', 3)`,
  );
  database.transaction(() => {
    for (let n = 0; n < samples; n += 1) sample.run(START + from + n * 1000, boot, n % 2 ? 'sad' : 'happy');
    for (let n = 0; n < visits; n += 1) {
      const at = START + from + n * 5000;
      stay.run(`old-${boot}-${n}`, `old-${boot}`, n, at, at + 900);
    }
  })();
}

test.each([
  ['set back by ten years', -10 * 365 * 24 * hourMs],
  ['set by ten years', 10 * 365 * 24 * hourMs],
])('a minute in progress that a kill cuts lasts a minute at most, with a clock that was %s', async (_name, jumpMs) => {
  const first = build();
  await first.sink.start();
  // Samples of before the jump are written after the first snapshot on the new clock.
  const start = START + Math.min(0, jumpMs);
  const spent = { durationMs: 1000, watchedMs: 1000, blindMs: 0 };
  first.sink.onOpenMinute?.(minute(1, { startedAt: start, endedAt: start + 1000, ...spent }));
  const later = START + Math.max(0, jumpMs);
  for (const mono of [0, 1000, 2000]) first.sink.onReading?.({ ...reading(mono, 1), ts: later + mono });
  vi.advanceTimersByTime(1000);
  const { sink, file } = build({ bootId: 'next', file: copyOf(first.file) });
  await sink.start();
  const [cut] = storedRows(file, 'minutes');
  expect(cut).toMatchObject({ id: 'boot-m1', cut: true, durationMs: 60_000, watchedMs: 60_000 });
});
