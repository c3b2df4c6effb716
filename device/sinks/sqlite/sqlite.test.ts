import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import Sqlite, { type Database } from 'better-sqlite3';
import { expect, test, vi } from 'vitest';
import type { MienError } from '../../core/errors.ts';
import type { Cursor } from '../../core/store.ts';
import {
  everything,
  handClock,
  probabilities,
  reading,
  START,
  stored,
  testStores,
  visit,
} from '../../lab/fixtures/store.ts';
import { openDatabase } from './database.ts';
import { migrations } from './schema.ts';
import { readStore, type SqliteSink } from './sqlite.ts';

const { build, path } = testStores();

async function startFault(sink: SqliteSink): Promise<MienError> {
  return await sink.start().then(
    () => expect.fail('it started'),
    (error: MienError) => error,
  );
}

test('a data folder belongs to one daemon at a time', async () => {
  const { sink } = build();
  await sink.start();
  const second = build();
  expect(await startFault(second.sink)).toMatchObject({
    message: `Another Mien is using the data folder ${path('data')}`,
    code: 69,
  });
  await sink.stop();
  await second.sink.start();
});

test('samples are written within a second, visits at once, and both come back as they went in', async () => {
  const { sink, file, board } = build();
  await sink.start();
  expect(board.current.store.state).toBe('ok');
  for (let at = 0; at <= 1000; at += 100) sink.onReading?.(reading(at, 1, 2));
  expect(stored(file).samples).toEqual([]);
  sink.onVisit?.(visit(1));
  expect(stored(file).visits).toEqual([visit(1)]);
  vi.advanceTimersByTime(1000);
  const { samples } = stored(file);
  expect(samples).toHaveLength(2);
  expect(samples[1]).toMatchObject({ ts: START, track: 2, label: 'happy', probabilities, frames: 10 });
  expect(samples[1]).toMatchObject({ probability: 0.7, happyShare: 1 });
  expect(samples[1]!.score).toBeCloseTo(0.9, 10);
  expect(Object.keys(samples[1]!.probabilities)).toEqual(Object.keys(probabilities));
  expect(sink.samples(everything).rows).toEqual(samples);
});

test('an abstention is a label like any other, without a probability', async () => {
  const { sink, file } = build();
  await sink.start();
  const { faces, ...rest } = reading(0, 1);
  const { probability: _none, ...face } = faces[0]!;
  sink.onReading?.({ ...rest, faces: [{ ...face, label: 'uncertain', reason: 'covered', reject: 0.9 }] });
  const unsure = visit(1, {
    shares: { angry: 0, happy: 0.25, sad: 0, uncertain: 0.75 },
    reasons: { dark: 0.5, covered: 0.25 },
    happyShare: 1,
  });
  const never = visit(2, {
    dominant: 'uncertain',
    shares: { angry: 0, happy: 0, sad: 0, uncertain: 1 },
    reasons: { covered: 1 },
    happyShare: null,
    strongest: null,
    confidence: null,
  });
  for (const each of [unsure, never]) sink.onVisit?.(each);
  await sink.stop();
  expect(stored(file).visits).toEqual([unsure, never]);
  expect(stored(file).samples).toEqual([
    {
      ts: START,
      track: 1,
      label: 'uncertain',
      reason: 'covered',
      probability: null,
      probabilities,
      happyShare: null,
      score: 0.9,
      frames: 1,
    },
  ]);
});

test('the history is a half-open range of times, oldest first, limited to the newest', async () => {
  const { sink } = build();
  await sink.start();
  for (const seq of [3, 1, 2]) sink.onVisit?.(visit(seq));
  const ids = (from: number, to: number, limit = 10) => sink.visits({ from, to, limit }).rows.map(({ seq }) => seq);
  expect(ids(0, START * 2)).toEqual([1, 2, 3]);
  expect(ids(START + 1000, START + 3000)).toEqual([1, 2]);
  expect(ids(0, START * 2, 2)).toEqual([2, 3]);
  for (let at = 0; at <= 3000; at += 1000) sink.onReading?.(reading(at, 1, 2));
  vi.advanceTimersByTime(1000);
  const samples = sink.samples({ from: START, to: START + 3000, limit: 3 }).rows;
  expect(samples.map(({ ts, track }) => [ts - START, track])).toEqual([
    [1000, 2],
    [2000, 1],
    [2000, 2],
  ]);
});

test('the interval also ends when no more readings come', async () => {
  const { sink, file } = build();
  await sink.start();
  sink.onReading?.(reading(0, 1));
  vi.advanceTimersByTime(3000);
  expect(stored(file).samples).toMatchObject([{ track: 1, frames: 1 }]);
});

test('stop writes what is held and leaves no write-ahead log', async () => {
  const { sink, file } = build();
  await sink.start();
  sink.onReading?.(reading(0, 1));
  await sink.stop();
  expect(existsSync(`${file}-wal`)).toBe(false);
  expect(stored(file).samples).toHaveLength(1);
});

test('it writes ahead, syncs at checkpoints only, and holds few pages in memory', async () => {
  let database: Database | undefined;
  const { sink } = build({ openDatabase: (file) => (database = openDatabase(file)) });
  await sink.start();
  expect(database!.pragma('journal_mode', { simple: true })).toBe('wal');
  expect(database!.pragma('synchronous', { simple: true })).toBe(1);
  expect(database!.pragma('cache_size', { simple: true })).toBe(-256);
});

test('the outbox: oldest first, until marked, also over a restart', async () => {
  const first = build();
  await first.sink.start();
  for (const seq of [1, 2, 3, 4]) first.sink.onVisit?.(visit(seq));
  expect(first.sink.unpublished(2).map(({ seq }) => seq)).toEqual([1, 2]);
  first.sink.markPublished('boot-1');
  first.sink.markPublished('boot-3');
  await first.sink.stop();
  const second = build({ bootId: 'next' });
  await second.sink.start();
  expect(second.sink.unpublished(10)).toEqual([visit(2), visit(4)]);
});

test('a visit that is handed over twice is one row', async () => {
  const { sink, file } = build();
  await sink.start();
  sink.onVisit?.(visit(1));
  sink.markPublished('boot-1');
  sink.onVisit?.(visit(1));
  expect(stored(file).visits).toHaveLength(1);
  expect(sink.unpublished(10)).toEqual([]);
});

test('rows older than the retention are deleted bit by bit, newer ones stay', async () => {
  const clock = handClock();
  const { sink, file } = build({ retentionDays: 2, keepUnpublished: false, clock });
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

test('a visit that is still to be published outlives the retention, up to a number of them', async () => {
  const clock = handClock();
  const { sink, file } = build({ retentionDays: 2, clock });
  await sink.start();
  for (const seq of [1, 2, 3]) sink.onVisit?.(visit(seq, { startedAt: START - 3 * 86_400_000 }));
  sink.markPublished('boot-2');
  vi.advanceTimersByTime(2000);
  expect(stored(file).visits.map(({ seq }) => seq)).toEqual([1, 3]);
  sink.markPublished('boot-3');
  sink.onVisit?.(visit(4, { startedAt: START - 3 * 86_400_000 }));
  sink.onVisit?.(visit(5));
  const other = new Sqlite(file);
  other.exec("UPDATE visits SET n = (SELECT n FROM visits WHERE id = 'boot-1') + 100000 WHERE id = 'boot-5'");
  other.close();
  clock.pass(3_600_000);
  vi.advanceTimersByTime(2000);
  expect(stored(file).visits.map(({ seq }) => seq)).toEqual([4, 5]);
});

test.each([
  ['forwards', 400],
  ['backwards', -400],
])('a clock that jumps %s delays the retention by a day, and once only', async (_name, days) => {
  const clock = handClock();
  const { sink, file, lines } = build({ retentionDays: 2, keepUnpublished: false, clock });
  await sink.start();
  sink.onVisit?.(visit(1));
  vi.advanceTimersByTime(2000);
  clock.jump(days * 86_400_000);
  sink.onVisit?.(visit(2, { startedAt: clock.now() - 3 * 86_400_000 }));
  vi.advanceTimersByTime(2000);
  clock.pass(23 * 3_600_000);
  vi.advanceTimersByTime(2000);
  expect(stored(file).visits).toHaveLength(2);
  expect(lines.filter((line) => line.startsWith('the clock moved by'))).toHaveLength(1);
  clock.jump(2 * 3_600_000);
  vi.advanceTimersByTime(2000);
  expect(stored(file).visits).toHaveLength(2);
  clock.pass(3_600_000);
  vi.advanceTimersByTime(2000);
  // The second one was logged in this boot, whatever its time says: it has a day more.
  expect(stored(file).visits.map(({ seq }) => seq)).toEqual(days > 0 ? [2] : [2, 1]);
  clock.pass(2 * 86_400_000);
  vi.advanceTimersByTime(2000);
  expect(stored(file).visits.map(({ seq }) => seq)).toEqual([]);
});

/** A database that may not grow beyond the pages it has: SQLite itself says SQLITE_FULL. */
function fillable() {
  let database: Database | undefined;
  const count = () => database!.pragma('page_count', { simple: true }) as number;
  return {
    openDatabase: (file: string) => (database = openDatabase(file)),
    fill: () => void database!.pragma(`max_page_count = ${count()}`),
    empty: () => void database!.pragma('max_page_count = 1000000'),
  };
}

test('a full disk: rows wait, the board says so with a remedy, nothing is lost or doubled when there is room again', async () => {
  const disk = fillable();
  const { sink, board, lines, file } = build(disk);
  await sink.start();
  disk.fill();
  let seq = 0;
  const addVisits = (count: number) => {
    for (const last = seq + count; seq < last; ) sink.onVisit?.(visit(++seq));
  };
  addVisits(200);
  expect(board.current.store.state).toBe('failing');
  expect(board.current.store.reason).toMatch(/^The disk that holds .*mien\.db is full\. Free some space/);
  const onDisk = stored(file).visits.length;
  expect(onDisk).toBeGreaterThan(0);
  expect(onDisk).toBeLessThan(200);

  for (let at = 0; at <= 20_000; at += 500) {
    sink.onReading?.(reading(at, 1));
    vi.advanceTimersByTime(500);
  }
  addVisits(5);
  expect(board.current.store.pending).toBeGreaterThan(200 - onDisk);
  expect(lines.filter((line) => line.includes('is full'))).toHaveLength(1);

  // The broker still gets them all, in order, and what it acknowledged stays acknowledged.
  const outbox = sink.unpublished(1000);
  expect(outbox.map((each) => each.seq)).toEqual(Array.from({ length: 205 }, (_, index) => index + 1));
  for (const { id } of [outbox[0]!, outbox[204]!]) sink.markPublished(id);
  expect(sink.unpublished(1000)).toHaveLength(203);

  disk.empty();
  vi.advanceTimersByTime(30_000);
  expect(board.current.store).toEqual({ state: 'ok' });
  const after = stored(file);
  expect(after.visits.map((each) => each.seq)).toEqual(Array.from({ length: 205 }, (_, index) => index + 1));
  expect(after.samples).toHaveLength(21);
  expect(sink.unpublished(1000)).toHaveLength(203);
});

test('when memory runs out as well, samples go before visits and the loss is told', async () => {
  const disk = fillable();
  const { sink, board, file, lines } = build({ ...disk, backlogLimit: 200 });
  await sink.start();
  disk.fill();
  for (let seq = 1; seq <= 150; seq += 1) sink.onVisit?.(visit(seq));
  for (let at = 0; at < 300_000; at += 1000) sink.onReading?.(reading(at, 1));
  vi.advanceTimersByTime(60_000);
  expect(board.current.store.reason).toMatch(/\d+ rows are lost/);
  expect(lines.filter((line) => line.includes('rows are lost'))).toHaveLength(1);
  disk.empty();
  vi.advanceTimersByTime(60_000);
  expect(board.current.store.state).toBe('ok');
  expect(stored(file).visits).toHaveLength(150);
  expect(stored(file).samples.at(-1)?.ts).toBe(START + 299_000);
});

test('a database file that disappears while running is made anew, with all that was held', async () => {
  const { sink, board, file, lines } = build();
  await sink.start();
  sink.onVisit?.(visit(1));
  rmSync(path('data'), { recursive: true });
  // A file where the folder was: neither root nor anybody else can write there.
  writeFileSync(path('data'), '');
  sink.onVisit?.(visit(2));
  expect(board.current.store.state).toBe('failing');
  vi.advanceTimersByTime(5000);
  sink.onVisit?.(visit(3));
  expect(board.current.store).toMatchObject({ state: 'failing', pending: 1 });
  expect(board.current.store.reason).toMatch(
    /Cannot write the database .*its folder is a file.*Check that .* set another dataDir/,
  );
  rmSync(path('data'));
  vi.advanceTimersByTime(30_000);
  expect(board.current.store).toEqual({ state: 'ok' });
  expect(stored(file).visits).toEqual([visit(2), visit(3)]);
  expect(lines.at(-1)).toBe('the database can be written again');
});

test('a tick in which both writing and pruning would fail begins one retry, and no healthy database is closed', async () => {
  const opened: Database[] = [];
  const { sink, board, file } = build({
    openDatabase: (path) => {
      opened.push(openDatabase(path));
      return opened.at(-1)!;
    },
  });
  await sink.start();
  for (const at of [0, 1000]) sink.onReading?.(reading(at, 1));
  const other = new Sqlite(file);
  other.exec('BEGIN IMMEDIATE');
  vi.advanceTimersByTime(1000);
  expect(board.current.store.state).toBe('failing');
  other.exec('COMMIT');
  other.close();
  vi.advanceTimersByTime(60_000);
  expect(board.current.store.state).toBe('ok');
  expect(opened.map(({ open }) => open)).toEqual([true]);
  expect(stored(file).samples).toHaveLength(2);
});

test('another program that holds the lock delays rows, no more', async () => {
  const { sink, board, file } = build();
  await sink.start();
  const other = new Sqlite(file);
  other.exec('BEGIN IMMEDIATE');
  sink.onVisit?.(visit(1));
  expect(board.current.store.reason).toMatch(/^Another program keeps the database .* locked/);
  other.exec('COMMIT');
  other.close();
  vi.advanceTimersByTime(1000);
  expect(board.current.store.state).toBe('ok');
  expect(stored(file).visits).toHaveLength(1);
});

test('a reader without a database is told so', () => {
  expect(() => readStore(path('none.db'))).toThrow(/Cannot read a database at .*none\.db/);
});

test('a file swapped for another one is noticed', async () => {
  const { sink, board, file } = build();
  await sink.start();
  renameSync(file, `${file}.old`);
  sink.onVisit?.(visit(1));
  expect(board.current.store.reason).toMatch(/moved or deleted/);
  vi.advanceTimersByTime(1000);
  expect(board.current.store.state).toBe('ok');
  expect(stored(file).visits).toHaveLength(1);
});

test('pages of rows go back in time, and meet each row once, also where many are of the same moment', async () => {
  const { sink } = build();
  await sink.start();
  for (let seq = 1; seq <= 7; seq += 1) sink.onVisit?.(visit(seq, { startedAt: START + (seq > 2 ? 5 : seq) }));
  const pages: number[][] = [];
  let before: Cursor | undefined;
  do {
    const { rows, next } = sink.visits({ from: START, to: START + 10, limit: 2, before });
    pages.push(rows.map(({ seq }) => seq));
    before = next;
  } while (before);
  expect(pages).toEqual([[6, 7], [4, 5], [2, 3], [1]]);
});

test('rows of one label', async () => {
  const { sink } = build();
  await sink.start();
  sink.onVisit?.(visit(1));
  sink.onVisit?.(visit(2, { dominant: 'sad' }));
  expect(sink.visits({ ...everything, label: 'sad' }).rows.map(({ seq }) => seq)).toEqual([2]);
  expect(sink.samples({ ...everything, label: 'sad' })).toEqual({ rows: [], next: undefined });
});

test('a summary counts samples by label, and visits with their dwell', async () => {
  const { sink } = build();
  await sink.start();
  for (const mono of [0, 1000, 2000]) sink.onReading?.(reading(mono, 1, 2));
  sink.onVisit?.(visit(1));
  sink.onVisit?.(visit(2, { dominant: 'sad' }));
  vi.advanceTimersByTime(3000);
  expect(sink.summary({ from: START, to: START + 10_000 })).toEqual({
    samples: 6,
    counts: { happy: 6 },
    visits: 2,
    dwellMs: 1800,
  });
  expect(sink.summary({ from: START, to: START + 10_000, label: 'sad' })).toEqual({
    samples: 0,
    counts: {},
    visits: 1,
    dwellMs: 900,
  });
  expect(sink.summary({ from: START + 20_000, to: START + 30_000 })).toMatchObject({
    samples: 0,
    visits: 0,
    dwellMs: 0,
  });
});

test('a database of the first version is brought up to date, with its rows', async () => {
  const file = path('old.db');
  const old = new Sqlite(file);
  old.exec(migrations[0]!);
  old.pragma('user_version = 1');
  old.exec(`INSERT INTO label_sets VALUES (1, '["happy"]'); INSERT INTO boots VALUES (1, 'b', 0);
    INSERT INTO samples VALUES (1, ${START}, 1, 1, 'happy', 1, '[1]', 1, 3);`);
  old.close();
  const { sink } = build({ file });
  await sink.start();
  expect(sink.summary({ from: START, to: START + 1 })).toMatchObject({ samples: 1, counts: { happy: 1 } });
  expect(sink.samples(everything).rows).toHaveLength(1);
});

test('a database of the second version is brought up to date: what can be derived of its rows is, the rest is null', async () => {
  const file = path('old.db');
  const old = new Sqlite(file);
  for (const migration of migrations.slice(0, 2)) old.exec(migration);
  old.pragma('user_version = 2');
  old.exec(`INSERT INTO label_sets VALUES (1, '["happy","sad"]'); INSERT INTO boots VALUES (1, 'b', 0);
    INSERT INTO samples VALUES (1, ${START}, 1, 1, 'sad', 1, '[0.2,0.8]', 1, 3),
      (2, ${START + 1}, 1, 1, 'uncertain', 1, '[0.5,0.5]', 1, 3);
    INSERT INTO visits VALUES
      (3, 'b-1', 'b', 1, 1, ${START}, ${START + 9}, 9, 'sad', '{"happy":0.2,"sad":0.4,"uncertain":0.4}', 'sad', 0.9,
        ${START + 2}, 0.8, 5, 77),
      (7, 'b-2', 'b', 2, 2, ${START + 5}, ${START + 9}, 4, 'uncertain', '{"happy":0,"sad":0,"uncertain":1}', 'uncertain', 0,
        ${START + 5}, 0, 2, NULL);`);
  old.close();
  const { sink } = build({ file });
  await sink.start();
  const sample = { track: 1, happyShare: null, score: 1, frames: 3 };
  expect(sink.samples(everything).rows).toEqual([
    { ...sample, ts: START, label: 'sad', probability: 0.8, probabilities: { happy: 0.2, sad: 0.8 } },
    { ...sample, ts: START + 1, label: 'uncertain', probability: null, probabilities: { happy: 0.5, sad: 0.5 } },
  ]);
  const [named, unnamed] = sink.visits(everything).rows;
  expect(named).toEqual({
    id: 'b-1',
    bootId: 'b',
    seq: 1,
    track: 1,
    startedAt: START,
    endedAt: START + 9,
    dwellMs: 9,
    dominant: 'sad',
    shares: { happy: 0.2, sad: 0.4, uncertain: 0.4 },
    reasons: {},
    happyShare: 0.3333,
    strongest: { label: 'sad', probability: 0.9, ts: START + 2 },
    confidence: 0.8,
    frames: 5,
  });
  const nothing = { happyShare: null, strongest: null, confidence: null };
  expect(unnamed).toMatchObject({ id: 'b-2', dominant: 'uncertain', reasons: {}, ...nothing });
  // What waited for the broker still does, and new visits go behind it.
  sink.onVisit?.(visit(1));
  expect(sink.unpublished(10).map(({ id }) => id)).toEqual(['b-2', 'boot-1']);
});
