import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { ReadAhead } from './read-ahead.ts';

/** Numbers, each of which takes 10 ms to read, with whether it was read ahead. */
function numbers(most = Number.POSITIVE_INFINITY) {
  const asked: boolean[] = [];
  const reader = new ReadAhead(async (isAhead: boolean) => {
    const number = asked.push(isAhead);
    await wait(10);
    if (number > most) throw new Error(`no ${number}`);
    return number;
  });
  return { reader, asked };
}

test('reads ahead as soon as it is known that the work takes less than ten times as long, one at a time', async () => {
  const { reader, asked } = numbers();
  for (const [at, workMs] of [20, 20, 2000, 20, 20].entries()) {
    expect(await reader.next()).toBe(at + 1);
    reader.workBegins();
    reader.workEnded(workMs);
  }
  expect(asked).toEqual([false, false, true, true, false, true]);
  expect(await reader.next()).toBe(6);
});

test('one read that took long does not make it read ahead for ever', async () => {
  const times = [10, 400, 10, 10];
  const asked: boolean[] = [];
  const reader = new ReadAhead(async (isAhead: boolean) => {
    await wait(times[asked.push(isAhead) - 1]);
  });
  for (const _ of times) {
    await reader.next();
    reader.workBegins();
    reader.workEnded(3000);
  }
  expect(asked).toEqual([false, false, false, false]);
});

test('what failed ahead is told when its turn comes, and what was not asked for is handed out', async () => {
  const { reader } = numbers(2);
  for (let count = 0; count < 2; count++) {
    await reader.next();
    reader.workEnded(1);
    reader.workBegins();
  }
  await wait(30);
  await expect(reader.next()).rejects.toThrow('no 3');

  const other = numbers().reader;
  expect(await other.rest()).toBeUndefined();
  await other.next();
  other.workEnded(1);
  other.workBegins();
  expect(await other.rest()).toBe(2);

  const failing = numbers(1).reader;
  await failing.next();
  failing.workEnded(1);
  failing.workBegins();
  expect(await failing.rest()).toBeUndefined();
});
