import { describe, expect, test } from 'vitest';
import { oneThreadOrTwo, type Threaded } from './threads.ts';

/** Fake sessions with these times on one and on two threads, and lists of the made and the closed ones. */
function board(oneMs: number, twoMs: number) {
  const closed: number[] = [];
  const made: number[] = [];
  const on = (threads: number): Threaded => {
    made.push(threads);
    return {
      threads,
      close: async () => {
        closed.push(threads);
      },
    };
  };
  const timesOf = async (all: readonly Threaded[]) => all.map(({ threads }) => (threads === 1 ? oneMs : twoMs));
  const choose = async (cores: number) => (await oneThreadOrTwo(on(1), async () => on(2), timesOf, cores)).threads;
  return { choose, closed, made };
}

describe('a second thread', () => {
  test.each([
    ['where it saves a good part of a long time', { oneMs: 9, twoMs: 5.3, cores: 2 }, 2, [1]],
    ['not where it saves little', { oneMs: 9, twoMs: 7.4, cores: 4 }, 1, [2]],
    ['not where it makes things worse', { oneMs: 9, twoMs: 15, cores: 4 }, 1, [2]],
  ])('%s', async (_, { oneMs, twoMs, cores }, threads, closed) => {
    const tried = board(oneMs, twoMs);
    expect(await tried.choose(cores)).toBe(threads);
    expect(tried.closed).toEqual(closed);
  });

  test.each([
    ['one is fast enough', { oneMs: 3.9, twoMs: 2, cores: 4 }],
    ['there is one core', { oneMs: 9, twoMs: 5, cores: 1 }],
  ])('is not measured where %s', async (_, { oneMs, twoMs, cores }) => {
    const tried = board(oneMs, twoMs);
    expect(await tried.choose(cores)).toBe(1);
    expect([tried.made, tried.closed]).toEqual([[1], []]);
  });
});
