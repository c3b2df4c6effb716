import { expect, test } from 'vitest';
import { ReadAhead } from './read-ahead.ts';

function handMovedClock() {
  let now = 0;
  const advance = (ms: number) => {
    now += ms;
  };
  return { mono: () => now, advance };
}

/** Numbers, each of which takes 10 ms to read, with whether it was read ahead. */
function numbers(most = Number.POSITIVE_INFINITY) {
  const clock = handMovedClock();
  const asked: boolean[] = [];
  const reader = new ReadAhead(async (isPrefetch: boolean) => {
    const number = asked.push(isPrefetch);
    // Beside the work no time of its own passes.
    if (!isPrefetch) clock.advance(10);
    if (number > most) throw new Error(`no ${number}`);
    return number;
  }, clock);
  return { reader, asked, clock };
}

test('reads ahead as soon as it is known that the work takes less than ten times as long, one at a time', async () => {
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

test('one read that took long does not make it read ahead forever', async () => {
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

/** So that the next work begins with reading ahead. */
async function readFirst(reader: ReadAhead<number>): Promise<void> {
  await reader.next();
  reader.beginWork();
  reader.endWork();
  reader.beginWork();
}

test('what failed ahead is told when its turn comes, and what was not asked for is handed out', async () => {
  const { reader } = numbers(1);
  await readFirst(reader);
  // Long enough for Node to end the process for a failure that nobody caught.
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
