import { expect, test } from 'vitest';
import { bucketBoundsMs, DurationCounter } from './duration-counts.ts';

test('a duration falls into the first bucket whose bound it does not exceed', () => {
  const counter = new DurationCounter();
  for (const ms of [0, 0.5, 0.6, 20, 20.001, 2500, 2501, 1e9]) counter.add(ms);
  const at = (bound: number) => counter.buckets[(bucketBoundsMs as readonly number[]).indexOf(bound)];
  expect([at(0.5), at(1), at(20), at(35), at(2500), counter.buckets.at(-1)]).toEqual([2, 1, 1, 1, 1, 2]);
  expect(counter.buckets).toHaveLength(bucketBoundsMs.length + 1);
});

test('the counts of two counters add up', () => {
  const [one, other] = [new DurationCounter(), new DurationCounter()];
  one.add(3);
  other.add(4);
  other.add(400);
  one.addCounts(other);
  expect(one.sumMs).toBe(407);
  expect(one.buckets[bucketBoundsMs.indexOf(5)]).toBe(2);
  expect(one.buckets[bucketBoundsMs.indexOf(500)]).toBe(1);
});

test('an addition takes less than a microsecond, measured over a million', () => {
  const counter = new DurationCounter();
  const startedAt = performance.now();
  for (let n = 0; n < 1_000_000; n++) counter.add(n % 120);
  const nanoseconds = performance.now() - startedAt;
  console.log(`metrics: ${nanoseconds.toFixed(0)} ns an addition, six a frame`);
  // Ten times the limit: other tests run meanwhile.
  expect(nanoseconds).toBeLessThan(10_000);
});
