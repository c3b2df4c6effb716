import { renameSync, rmSync, writeFileSync } from 'node:fs';
import Sqlite, { type Database } from 'better-sqlite3';
import { expect, test, vi } from 'vitest';
import { acknowledge, reading, START, stored, testStores, visit, waitingVisits } from '../../../lab/fixtures/store.ts';
import { openDatabase } from './database.ts';

const { build, path } = testStores();

/** A database that can be prevented from growing, so that SQLite reports SQLITE_FULL. */
function fillable() {
  let database: Database | undefined;
  const count = () => database!.pragma('page_count', { simple: true }) as number;
  return {
    openDatabase: (file: string) => (database = openDatabase(file)),
    fill: () => void database!.pragma(`max_page_count = ${count()}`),
    empty: () => void database!.pragma('max_page_count = 1000000'),
  };
}

test('a full disk: rows wait, the board shows a remedy, and later every row is written once', async () => {
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

  // The outbox still has all visits, in order, and acknowledged ones stay acknowledged.
  const outbox = waitingVisits(sink, 1000);
  expect(outbox.map((each) => each.seq)).toEqual(Array.from({ length: 205 }, (_, index) => index + 1));
  for (const { id } of [outbox[0]!, outbox[204]!]) acknowledge(sink, id);
  expect(waitingVisits(sink, 1000)).toHaveLength(203);

  disk.empty();
  vi.advanceTimersByTime(30_000);
  expect(board.current.store).toEqual({ state: 'ok' });
  const after = stored(file);
  expect(after.visits.map((each) => each.seq)).toEqual(Array.from({ length: 205 }, (_, index) => index + 1));
  expect(after.samples).toHaveLength(21);
  expect(waitingVisits(sink, 1000)).toHaveLength(203);
});

test('above the memory limit samples are dropped before visits, and the loss is reported', async () => {
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

test('a database file that disappears while running is created again, with the rows in memory', async () => {
  const { sink, board, file, lines } = build();
  await sink.start();
  sink.onVisit?.(visit(1));
  rmSync(path('data'), { recursive: true });
  // A file in place of the folder: not even root can write there.
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

test('a tick in which both writing and pruning would fail starts one retry and closes no healthy database', async () => {
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

test('a lock held by another program only delays rows', async () => {
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

test('a database file that was replaced is detected', async () => {
  const { sink, board, file } = build();
  await sink.start();
  renameSync(file, `${file}.old`);
  sink.onVisit?.(visit(1));
  expect(board.current.store.reason).toMatch(/moved or deleted/);
  vi.advanceTimersByTime(1000);
  expect(board.current.store.state).toBe('ok');
  expect(stored(file).visits).toHaveLength(1);
});
