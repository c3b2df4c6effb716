import { expect, test } from 'vitest';
import { idOf } from '../../core/store.ts';
import { minute, visit } from '../../lab/fixtures/store.ts';
import { MemoryOutbox } from './memory-outbox.ts';

function outboxWith(repeats: () => boolean = () => false) {
  const acknowledged: [string, number, boolean][] = [];
  let now = 1000;
  const outbox = new MemoryOutbox({
    now: () => now,
    repeats,
    onAcknowledged: (record, lagMs, isRepeat) => acknowledged.push([idOf(record), lagMs, isRepeat]),
  });
  return { outbox, acknowledged, pass: (ms: number) => (now += ms) };
}

test('a record stays until it is acknowledged, oldest first, and the lag counts from its end', () => {
  const { outbox, acknowledged, pass } = outboxWith();
  const told: string[] = [];
  const unsubscribe = outbox.subscribe((record) => told.push(idOf(record)));
  outbox.onVisit(visit(1));
  pass(500);
  outbox.onMinute(minute(1));
  unsubscribe();
  outbox.onVisit(visit(2));
  expect(told).toEqual(['boot-1', 'boot-m1']);
  expect(outbox.waiting(2).map(idOf)).toEqual(['boot-1', 'boot-m1']);
  expect(outbox.condition).toEqual({ waiting: 3, oldestTs: 1000, lost: 0 });
  pass(20);
  outbox.markPublished(outbox.waiting(2));
  expect(acknowledged).toEqual([
    ['boot-1', 520, false],
    ['boot-m1', 20, false],
  ]);
  expect(outbox.waiting(10).map(idOf)).toEqual(['boot-2']);
});

test('a record that is repeated waits once more, and no longer', () => {
  const { outbox, acknowledged } = outboxWith(() => true);
  outbox.onVisit(visit(1));
  outbox.markPublished(outbox.waiting(1));
  expect(outbox.condition.waiting).toBe(1);
  outbox.markPublished(outbox.waiting(1));
  expect(outbox.condition).toEqual({ waiting: 0, lost: 0 });
  expect(acknowledged.map(([, , isRepeat]) => isRepeat)).toEqual([false, true]);
});

test('above 10,000 records the oldest are dropped and counted', () => {
  const { outbox } = outboxWith();
  for (let seq = 1; seq <= 10_003; seq += 1) outbox.onVisit(visit(seq));
  expect(outbox.condition).toMatchObject({ waiting: 10_000, lost: 3 });
  expect(outbox.waiting(1).map(idOf)).toEqual(['boot-4']);
});

test('visits are dropped before minutes, as on a device', () => {
  const { outbox } = outboxWith();
  for (let seq = 1; seq <= 10_000; seq += 1) outbox.onMinute(minute(seq));
  outbox.onVisit(visit(1));
  expect(outbox.waiting(20_000, 'visit')).toEqual([]);
  expect(outbox.waiting(1).map(idOf)).toEqual(['boot-m1']);
  outbox.onMinute(minute(10_001));
  expect(outbox.waiting(1).map(idOf)).toEqual(['boot-m2']);
  expect(outbox.condition).toMatchObject({ waiting: 10_000, lost: 2 });
});
