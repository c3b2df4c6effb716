import { cpSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import { expect, test, vi } from 'vitest';
import { reading, START, stored, testStores, visit } from '../../../lab/fixtures/store.ts';

const { build, path } = testStores();

/** What a power cut leaves of the folder: nothing that the process had in mind. */
function cutPower(change: Parameters<typeof build>[0] = {}) {
  cpSync(path('data'), path('after'), { recursive: true });
  return build({ bootId: 'next', file: path('after', 'mien.db'), ...change });
}

test('stays under way at a power cut are visits of the next boot, marked as cut, and come once', async () => {
  const { sink } = build();
  await sink.start();
  sink.onVisit?.(visit(1));
  sink.markPublished('boot-1');
  sink.onStays?.([visit(2, { track: 7, dwellMs: 1000 }), visit(3, { track: 8 })]);
  vi.advanceTimersByTime(1000);
  sink.onStays?.([visit(2, { track: 7, dwellMs: 2000 }), visit(3, { track: 8, dwellMs: 1900 })]);

  const next = cutPower();
  await next.sink.start();
  const cut = [visit(2, { track: 7, dwellMs: 2000, cut: true }), visit(3, { track: 8, dwellMs: 1900, cut: true })];
  expect(stored(next.file).visits).toEqual([visit(1), ...cut]);
  expect(next.sink.unpublished(10)).toEqual(cut);
  next.sink.markPublished('boot-2');
  await next.sink.stop();

  const third = build({ bootId: 'third', file: next.file });
  await third.sink.start();
  expect(third.sink.unpublished(10)).toEqual([cut[1]]);
  expect(stored(next.file).visits).toHaveLength(3);
});

test('a stay that became a visit does not come again, and the next one goes on counting', async () => {
  const { sink } = build();
  await sink.start();
  sink.onStays?.([visit(1, { track: 7 }), visit(2, { track: 8 })]);
  // The other one left first: the snapshot numbers it otherwise.
  sink.onVisit?.(visit(1, { track: 8 }));
  const next = cutPower();
  await next.sink.start();
  expect(stored(next.file).visits.map(({ id, track, cut }) => [id, track, cut])).toEqual([
    ['boot-1', 8, undefined],
    ['boot-2', 7, true],
  ]);
});

test('where everybody has left nothing is closed; samples alone are no visit', async () => {
  const { sink } = build();
  await sink.start();
  sink.onStays?.([visit(1)]);
  vi.advanceTimersByTime(1000);
  sink.onVisit?.(visit(1));
  sink.onStays?.([]);
  for (const mono of [0, 1000, 2000]) sink.onReading?.(reading(mono, 9));
  vi.advanceTimersByTime(1000);
  const next = cutPower();
  await next.sink.start();
  expect(stored(next.file).visits).toEqual([visit(1)]);
  expect(stored(next.file).samples).not.toEqual([]);
});

test('stays are written each sampling interval, and not while nobody is there', async () => {
  const { sink, file } = build({ sampleMs: 5000 });
  await sink.start();
  const snapshots = () => {
    const database = new Sqlite(file, { readonly: true });
    const texts = database.prepare('SELECT visit FROM stays').pluck().all() as string[];
    database.close();
    return texts.map((text) => JSON.parse(text).dwellMs);
  };
  sink.onStays?.([visit(1, { dwellMs: 1000 })]);
  expect(snapshots()).toEqual([1000]);
  for (let second = 1; second <= 4; second += 1) {
    vi.advanceTimersByTime(1000);
    sink.onStays?.([visit(1, { dwellMs: 1000 + second * 1000 })]);
  }
  expect(snapshots()).toEqual([1000]);
  vi.advanceTimersByTime(1000);
  sink.onStays?.([visit(1, { dwellMs: 6000 })]);
  expect(snapshots()).toEqual([6000]);
});

test('a stay whose visit waits in memory is not taken out of the database', async () => {
  const { sink, file } = build();
  await sink.start();
  sink.onStays?.([visit(1)]);
  const other = new Sqlite(file);
  other.exec('BEGIN IMMEDIATE');
  vi.advanceTimersByTime(1000);
  sink.onVisit?.(visit(1));
  sink.onStays?.([]);
  other.exec('COMMIT');
  other.close();
  const next = cutPower();
  await next.sink.start();
  expect(stored(next.file).visits).toEqual([visit(1, { cut: true })]);
});

test('the clock was wrong at the cut: the dwell is the one that was measured', async () => {
  const { sink } = build();
  await sink.start();
  sink.onStays?.([visit(1, { startedAt: START + 86_400_000_000, endedAt: START + 86_400_004_000, dwellMs: 4000 })]);
  const next = cutPower();
  await next.sink.start();
  expect(stored(next.file).visits).toMatchObject([{ dwellMs: 4000, startedAt: START + 86_400_000_000, cut: true }]);
});
