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
