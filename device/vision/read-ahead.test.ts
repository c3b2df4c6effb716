import { expect, test } from 'vitest';
import { ReadAhead } from './read-ahead.ts';

function handMovedClock() {
  let now = 0;
  const advance = (ms: number) => {
    now += ms;
  };
  return { mono: () => now, advance };
}

/** Numbers that take 10 ms each to read, and whether each was prefetched. */
function numbers(last = Number.POSITIVE_INFINITY) {
  const clock = handMovedClock();
  const asked: boolean[] = [];
  const reader = new ReadAhead(async (isPrefetch: boolean) => {
    const number = asked.push(isPrefetch);
    // A prefetch runs beside the work and takes no time of its own.
    if (!isPrefetch) clock.advance(10);
    if (number > last) throw new Error(`no ${number}`);
    return number;
  }, clock);
  return { reader, asked, clock };
}

test('reads ahead, one at a time, once the work takes less than ten times as long as the read', async () => {
  const { reader, asked, clock } = numbers();
  for (const [at, workMs] of [20, 20, 2000, 20, 20].entries()) {
    expect(await reader.next()).toBe(at + 1);
    reader.beginWork();
    clock.advance(workMs);
    reader.endWork();
  }
  expect(asked).toEqual([false, false, true, true, false, true]);
  expect(await reader.next()).toBe(6);
});

test('one slow read does not cause reading ahead forever', async () => {
  const times = [10, 400, 10, 10];
  const clock = handMovedClock();
  const asked: boolean[] = [];
  const reader = new ReadAhead(async (isPrefetch: boolean) => {
    clock.advance(times[asked.push(isPrefetch) - 1]!);
  }, clock);
  for (const _ of times) {
    await reader.next();
    reader.beginWork();
    clock.advance(3000);
    reader.endWork();
  }
  expect(asked).toEqual([false, false, false, false]);
});

/** Makes the next work start a prefetch. */
async function readFirst(reader: ReadAhead<number>): Promise<void> {
  await reader.next();
  reader.beginWork();
  reader.endWork();
  reader.beginWork();
}

test('a failed prefetch is reported by next, and an unused one is returned by drain', async () => {
  const { reader } = numbers(1);
  await readFirst(reader);
  // Long enough for Node to end the process for an unhandled rejection.
  await new Promise((resolve) => setImmediate(resolve));
  await expect(reader.next()).rejects.toThrow('no 2');

  const other = numbers().reader;
  expect(await other.drain()).toBeUndefined();
  await readFirst(other);
  expect(await other.drain()).toBe(2);

  const failing = numbers(1).reader;
  await readFirst(failing);
  expect(await failing.drain()).toBeUndefined();
});
