import Sqlite from 'better-sqlite3';
import { expect, test, vi } from 'vitest';
import { acknowledge, handClock, START, stored, testStores, visit } from '../../../lab/fixtures/store.ts';

const { build } = testStores();

test('old rows are deleted in small transactions, newer ones stay', async () => {
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

test('unpublished visits outlive the retention, up to a maximum number', async () => {
  const clock = handClock();
  const { sink, file } = build({ retentionDays: 2, clock });
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
