import { expect, test } from 'vitest';
import { stored, testStores, visit } from '../../../lab/fixtures/store.ts';

const { build } = testStores();

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
