import Sqlite from 'better-sqlite3';
import { expect, test, vi } from 'vitest';
import { idOf } from '../../../core/store.ts';
import {
  acknowledge,
  everything,
  handClock,
  minute,
  stored,
  testStores,
  visit,
  waitingVisits,
} from '../../../lab/fixtures/store.ts';
import type { SqliteSink } from '../sqlite.ts';

const { build } = testStores();

test('the outbox lists visits oldest first until they are marked, also across a restart', async () => {
  const first = build();
  await first.sink.start();
  for (const seq of [1, 2, 3, 4]) first.sink.onVisit?.(visit(seq));
  expect(waitingVisits(first.sink, 2).map(({ seq }) => seq)).toEqual([1, 2]);
  acknowledge(first.sink, 'boot-1');
  acknowledge(first.sink, 'boot-3');
  await first.sink.stop();
  const second = build({ bootId: 'next' });
  await second.sink.start();
  expect(waitingVisits(second.sink, 10)).toEqual([visit(2), visit(4)]);
});

test('the outbox lists one kind alone', async () => {
  const { sink } = build();
  await sink.start();
  for (const seq of [1, 2]) sink.onVisit?.(visit(seq));
  sink.onMinute?.(minute(1));
  const ids = (...args: Parameters<SqliteSink['waiting']>) => sink.waiting(...args).map(idOf);
  expect(ids(1, 'visit')).toEqual([visit(1).id]);
  expect(ids(10, 'minute')).toEqual([minute(1).id]);
  expect(ids(10)).toHaveLength(3);
});

test('a visit that is delivered twice is one row', async () => {
  const { sink, file } = build();
  await sink.start();
  sink.onVisit?.(visit(1));
  acknowledge(sink, 'boot-1');
  sink.onVisit?.(visit(1));
  expect(stored(file).visits).toHaveLength(1);
  expect(waitingVisits(sink, 10)).toEqual([]);
});

test('a full outbox drops the oldest visits, then the oldest minutes; the loss is counted and shown', async () => {
  const clock = handClock();
  const limited = { outboxLimit: 10, clock };
  const first = build(limited);
  await first.sink.start();
  for (let seq = 1; seq <= 8; seq += 1) first.sink.onVisit?.(visit(seq));
  for (let seq = 1; seq <= 6; seq += 1) first.sink.onMinute?.(minute(seq));
  const ids = (sink: SqliteSink) => sink.waiting(100).map(idOf).sort();
  const minutes = ['boot-m1', 'boot-m2', 'boot-m3', 'boot-m4', 'boot-m5', 'boot-m6'];
  expect(ids(first.sink)).toEqual(['boot-5', 'boot-6', 'boot-7', 'boot-8', ...minutes]);
  pass(5000);
  const outbox = { waiting: 10, oldestTs: visit(5).endedAt, lost: 4 };
  expect(first.board.current.store).toMatchObject({ state: 'ok', outbox });
  for (let seq = 7; seq <= 11; seq += 1) first.sink.onMinute?.(minute(seq));
  expect(ids(first.sink)).toEqual(['boot-m10', 'boot-m11', ...minutes.slice(1), 'boot-m7', 'boot-m8', 'boot-m9']);
  pass(5000);
  expect(first.board.current.store.reason).toBe(
    'More than 10 records wait for the broker, and the oldest visits are dropped (9 so far). Check the broker and mqtt.url, or set store.outboxLimit higher.',
  );
  pass(5000);
  expect(first.lines.filter((line) => line.includes('outbox'))).toEqual([
    'the outbox is full: 5 records were dropped unsent',
  ]);
  pass(700_000);
  expect(first.board.current.store.reason).toBe(undefined);
  await first.sink.stop();

  // The loss is counted for all time, and dropped records stay dropped. They remain in the log.
  const { sink, board } = build({ ...limited, bootId: 'next' });
  await sink.start();
  sink.markPublished(sink.waiting(4));
  pass(5000);
  expect(board.current.store.outbox).toMatchObject({ waiting: 6, lost: 9 });
  expect(sink.visits(everything).rows).toHaveLength(8);

  function pass(ms: number): void {
    clock.pass(ms);
    vi.advanceTimersByTime(1000);
  }
});

test('while acknowledgements cannot be written, each record is read a few times, and each is handed out', async () => {
  const { sink, file, board } = build({ outboxLimit: 100_000 });
  await sink.start();
  for (let seq = 1; seq <= 3000; seq += 1) sink.onVisit?.(visit(seq));
  const all = vi.spyOn(JSON, 'parse');
  const other = new Sqlite(file);
  other.exec('BEGIN IMMEDIATE');
  const handed: string[] = [];
  for (let window = sink.waiting(20); window.length > 0; window = sink.waiting(20)) {
    handed.push(...window.map(idOf));
    // One of each window fails, and is handed out again.
    sink.markPublished(window.length > 1 ? window.filter((_, index) => index !== 1) : window);
  }
  expect(board.current.store.state).not.toBe('ok');
  // Two texts a visit.
  expect(all.mock.calls.length).toBeLessThan(4 * 2 * 3000);
  all.mockRestore();
  expect(new Set(handed).size).toBe(3000);
  other.exec('COMMIT');
  other.close();
  vi.advanceTimersByTime(40_000);
  expect(board.current.store.state).toBe('ok');
  expect(sink.waiting(20)).toEqual([]);
});

test.each([
  ['count as lost only if no broker has them', 1000, 1],
  ['do not count where nothing is published', undefined, 0],
])('records that memory drops %s', async (_name, outboxLimit, lost) => {
  const clock = handClock();
  const first = build({ outboxLimit, backlogLimit: 4, clock });
  const { sink, file } = first;
  await sink.start();
  const other = new Sqlite(file);
  other.exec('BEGIN IMMEDIATE');
  for (let seq = 1; seq <= 3; seq += 1) sink.onVisit?.(visit(seq));
  sink.markPublished(sink.waiting(2));
  for (let seq = 4; seq <= 7; seq += 1) sink.onVisit?.(visit(seq));
  other.exec('COMMIT');
  other.close();
  clock.pass(5000);
  vi.advanceTimersByTime(5000);
  expect(first.board.current.store.outbox?.lost).toBe(outboxLimit && lost);
  await sink.stop();
  const { sink: next, board } = build({ outboxLimit: 1000, clock, bootId: 'next' });
  await next.start();
  vi.advanceTimersByTime(5000);
  expect(board.current.store.outbox).toMatchObject({ waiting: 4, lost });
});

test('a loss in memory is reported with its cause, the disk', async () => {
  const clock = handClock();
  const { sink, file, board, lines } = build({ outboxLimit: 1000, backlogLimit: 4, clock });
  await sink.start();
  vi.advanceTimersByTime(1000);
  const other = new Sqlite(file);
  other.exec('BEGIN IMMEDIATE');
  for (let seq = 1; seq <= 7; seq += 1) sink.onVisit?.(visit(seq));
  other.exec('COMMIT');
  other.close();
  clock.pass(5000);
  vi.advanceTimersByTime(5000);
  expect(board.current.store).toMatchObject({
    state: 'ok',
    reason:
      'While the database could not be written, memory was full, and records were dropped unsent (3 so far). Check the disk.',
    outbox: { waiting: 4, lost: 3 },
  });
  expect(lines).toContain('memory was full while the database could not be written: 3 records were dropped unsent');
});
