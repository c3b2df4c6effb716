import { expect, test } from 'vitest';
import { acknowledge, stored, testStores, visit, waitingVisits } from '../../../lab/fixtures/store.ts';

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

test('a visit that is delivered twice is one row', async () => {
  const { sink, file } = build();
  await sink.start();
  sink.onVisit?.(visit(1));
  acknowledge(sink, 'boot-1');
  sink.onVisit?.(visit(1));
  expect(stored(file).visits).toHaveLength(1);
  expect(waitingVisits(sink, 10)).toEqual([]);
});
