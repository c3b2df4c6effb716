import { cpSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import { expect, test, vi } from 'vitest';
import { acknowledge, reading, START, stored, testStores, visit, waitingVisits } from '../../../lab/fixtures/store.ts';

const { build, path } = testStores();

/** A store on a copy of the folder, as a power cut would leave it: without the rows in memory. */
function cutPower(change: Parameters<typeof build>[0] = {}) {
  cpSync(path('data'), path('after'), { recursive: true });
  return build({ bootId: 'next', file: path('after', 'mien.db'), ...change });
}

test('stays in progress at a power cut become cut visits at the next boot, once', async () => {
  const { sink } = build();
  await sink.start();
  sink.onVisit?.(visit(1));
  acknowledge(sink, 'boot-1');
  sink.onStays?.([visit(2, { track: 7, dwellMs: 1000 }), visit(3, { track: 8 })]);
  vi.advanceTimersByTime(1000);
  sink.onStays?.([visit(2, { track: 7, dwellMs: 2000 }), visit(3, { track: 8, dwellMs: 1900 })]);

  const next = cutPower();
  await next.sink.start();
  const cut = [visit(2, { track: 7, dwellMs: 2000, cut: true }), visit(3, { track: 8, dwellMs: 1900, cut: true })];
  expect(stored(next.file).visits).toEqual([visit(1), ...cut]);
  expect(waitingVisits(next.sink, 10)).toEqual(cut);
  acknowledge(next.sink, 'boot-2');
  await next.sink.stop();

  const third = build({ bootId: 'third', file: next.file });
  await third.sink.start();
  expect(waitingVisits(third.sink, 10)).toEqual([cut[1]]);
  expect(stored(next.file).visits).toHaveLength(3);
});

test('a stay that became a visit is not written again, and the next number follows', async () => {
  const { sink } = build();
  await sink.start();
  sink.onStays?.([visit(1, { track: 7 }), visit(2, { track: 8 })]);
  // Track 8 left first, and got another number than in the snapshot.
  sink.onVisit?.(visit(1, { track: 8 }));
  const next = cutPower();
  await next.sink.start();
  expect(stored(next.file).visits.map(({ id, track, cut }) => [id, track, cut])).toEqual([
    ['boot-1', 8, undefined],
    ['boot-2', 7, true],
  ]);
});

test('without stays in progress nothing is closed; samples alone make no visit', async () => {
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

test('a stay whose visit still waits in memory stays in the database', async () => {
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

test('a wrong clock at the cut does not change the measured dwell', async () => {
  const { sink } = build();
  await sink.start();
  sink.onStays?.([visit(1, { startedAt: START + 86_400_000_000, endedAt: START + 86_400_004_000, dwellMs: 4000 })]);
  const next = cutPower();
  await next.sink.start();
  expect(stored(next.file).visits).toMatchObject([{ dwellMs: 4000, startedAt: START + 86_400_000_000, cut: true }]);
});
