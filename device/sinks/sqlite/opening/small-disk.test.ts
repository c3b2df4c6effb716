/** Disks that fill up, and a card that breaks: real ones, mounted for the test. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { idOf } from '../../../core/store.ts';
import { fillUp } from '../../../lab/fixtures/full-disk.ts';
import { breakDisk, detach, mountCard, mountMemory, needsRoot } from '../../../lab/fixtures/small-disk.ts';
import { minute, reading, START, stored, storedRows, testStores, visit } from '../../../lab/fixtures/store.ts';
import type { SqliteSink } from '../sqlite.ts';

const { build } = testStores();

/** A visit a second, each with samples of one face, and a minute at the end. */
function busyMinute(sink: SqliteSink, number: number): void {
  for (let second = 0; second < 60; second += 1) {
    const seq = number * 60 + second + 1;
    sink.onReading?.(reading(seq * 1000, 1));
    sink.onVisit?.(visit(seq));
    vi.advanceTimersByTime(1000);
  }
  const startedAt = START + number * 60_000 + 1000;
  sink.onMinute?.(minute(number + 1, { startedAt, endedAt: startedAt + 60_000 }));
}

/** The ids of the first minutes and their visits. */
function idsOf(minutes: number): string[] {
  const visits = Array.from({ length: minutes * 60 }, (_, index) => `boot-${index + 1}`);
  return [...visits, ...Array.from({ length: minutes }, (_, index) => `boot-m${index + 1}`)].toSorted();
}

const waitingIds = (sink: SqliteSink) => sink.waiting(100_000).map(idOf);

test('below the reserved space samples stop, visits and minutes go on; with space they begin again', async (context) => {
  const disk = mountMemory('40m');
  if (disk === undefined) return context.skip(needsRoot);
  const { sink, board, lines, file } = build({ file: join(disk, 'data', 'mien.db') });
  await sink.start();
  busyMinute(sink, 0);
  const before = stored(file).samples.length;
  expect(before).toBeGreaterThan(50);
  expect(board.current.store).toEqual({ state: 'ok' });
  // 2 MB of 40 are reserved.
  writeFileSync(join(disk, 'other'), Buffer.alloc(40_000_000));
  vi.advanceTimersByTime(60_000);
  expect(board.current.store.state).toBe('ok');
  expect(board.current.store.reason).toMatch(
    /^The disk that holds .*mien\.db is almost full \(1\.\d MB free\)\. Samples are not logged, visits and minutes are\. Free some space there \(df -h .*data\)\.$/,
  );
  const low = stored(file).samples.length;
  busyMinute(sink, 1);
  expect(stored(file).samples).toHaveLength(low);
  expect(stored(file).visits).toHaveLength(120);
  expect(storedRows(file, 'minutes')).toHaveLength(2);
  expect(lines.filter((line) => line.includes('almost full'))).toHaveLength(1);

  rmSync(join(disk, 'other'));
  vi.advanceTimersByTime(60_000);
  expect(board.current.store).toEqual({ state: 'ok' });
  busyMinute(sink, 2);
  expect(stored(file).samples.length).toBeGreaterThan(low + 50);
  expect(lines.at(-1)).toBe('the disk has space again: samples are logged');
});

test('a disk that fills up: visits and minutes wait, are handed to the broker once, and are all written when there is space', async (context) => {
  const disk = mountMemory('4m');
  if (disk === undefined) return context.skip(needsRoot);
  const { sink, board, file } = build({ file: join(disk, 'data', 'mien.db') });
  await sink.start();
  busyMinute(sink, 0);
  sink.markPublished(sink.waiting(30));
  fillUp(join(disk, 'other'));
  for (let number = 1; number < 5; number += 1) busyMinute(sink, number);
  expect(board.current.store).toMatchObject({ state: 'failing', code: 'disk-full' });
  expect(board.current.store.reason).toMatch(
    /is full\. Free some space there \(df -h .*\d+ rows are lost, the others wait in memory\.$/,
  );
  // The broker still gets everything, also what is only in memory, and nothing twice.
  const first = waitingIds(sink);
  expect(first).toHaveLength(5 * 61 - 30);
  sink.markPublished(sink.waiting(200));
  expect(waitingIds(sink)).toEqual(first.slice(200));

  rmSync(join(disk, 'other'));
  vi.advanceTimersByTime(60_000);
  expect(board.current.store).toEqual({ state: 'ok' });
  const written = [...stored(file).visits, ...storedRows(file, 'minutes')].map(({ id }) => id);
  expect(written.toSorted()).toEqual(idsOf(5));
  expect(waitingIds(sink)).toEqual(first.slice(200));
  await sink.stop();
  const next = build({ file, bootId: 'next' });
  await next.sink.start();
  expect(waitingIds(next.sink)).toEqual(first.slice(200));
});

test('a full disk for long: samples are lost first, then the oldest visits, then the oldest minutes', async (context) => {
  const disk = mountMemory('4m');
  if (disk === undefined) return context.skip(needsRoot);
  const { sink, board, file } = build({ file: join(disk, 'data', 'mien.db'), backlogLimit: 100, outboxLimit: 10_000 });
  await sink.start();
  fillUp(join(disk, 'other'));
  for (let number = 0; number < 5; number += 1) busyMinute(sink, number);
  expect(board.current.store.code).toBe('disk-full');
  // Of 300 visits and 5 minutes the newest 95 visits and all minutes are left in memory.
  const minutes = Array.from({ length: 105 }, (_, index) => `boot-m${index + 1}`);
  const visits = Array.from({ length: 95 }, (_, index) => `boot-${206 + index}`);
  expect(waitingIds(sink).slice(-100).toSorted()).toEqual([...visits, ...minutes.slice(0, 5)].toSorted());
  for (let number = 5; number < 105; number += 1) sink.onMinute?.(minute(number + 1));
  expect(waitingIds(sink).slice(-100)).toEqual(minutes.slice(5));

  rmSync(join(disk, 'other'));
  vi.advanceTimersByTime(60_000);
  expect(board.current.store.state).toBe('ok');
  expect(storedRows(file, 'minutes').map(({ id }) => id)).toEqual(minutes.slice(5));
  // Some visits found free pages in the file before it was full for them too.
  const written = stored(file).visits.length + 100;
  expect(written).toBeLessThan(210);
  expect(board.current.store.outbox).toMatchObject({ lost: 405 - written, waiting: written });
});

test('a card that turns read-only while running: rows wait with a remedy, and go to the next card, none under a new id', async (context) => {
  const disk = mountCard();
  if (disk === undefined) return context.skip(needsRoot);
  const { sink, board, file } = build({ file: join(disk, 'data', 'mien.db'), releaseEveryMs: 10_000 });
  await sink.start();
  busyMinute(sink, 0);
  const before = waitingIds(sink);
  breakDisk(disk);
  busyMinute(sink, 1);
  expect(board.current.store).toMatchObject({ state: 'failing', code: 'store-unwritable' });
  expect(board.current.store.reason).toMatch(
    /^Cannot write the database .*mien\.db \(.*\)\. Check that .* rows wait in memory\.$/,
  );
  const waiting = waitingIds(sink);
  expect(waiting.slice(-61).toSorted()).toEqual([...idsOf(2)].filter((id) => !idsOf(1).includes(id)).toSorted());
  expect(new Set(waiting).size).toBe(waiting.length);
  expect(waiting.filter((id) => !before.includes(id))).toHaveLength(61);

  detach(disk);
  expect(mountCard(disk)).toBe(disk);
  vi.advanceTimersByTime(60_000);
  expect(board.current.store).toEqual({ state: 'ok' });
  expect(stored(file).visits.map(({ seq }) => seq)).toEqual(Array.from({ length: 60 }, (_, index) => 61 + index));
  expect(stored(file).samples.at(-1)!.ts).toBeGreaterThan(START + 100_000);
});
