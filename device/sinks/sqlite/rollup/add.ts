import type { Sums } from '../tables/sums.ts';

export const noSums: Sums = {
  durationMs: 0,
  people: 0,
  visitsBegun: 0,
  visitsEnded: 0,
  dwellMs: 0,
  ended: {},
  shownMs: {},
  watchedMs: 0,
  blindMs: 0,
  pausedMs: 0,
};

/** Adds up what was seen in two spans. `people` is the larger number. */
export function add(a: Sums, b: Sums): Sums {
  return {
    durationMs: a.durationMs + b.durationMs,
    people: Math.max(a.people, b.people),
    visitsBegun: a.visitsBegun + b.visitsBegun,
    visitsEnded: a.visitsEnded + b.visitsEnded,
    dwellMs: a.dwellMs + b.dwellMs,
    ended: merged(a.ended, b.ended, (x, y) => ({ visits: x.visits + y.visits, dwellMs: x.dwellMs + y.dwellMs })),
    shownMs: merged(a.shownMs, b.shownMs, (x, y) => x + y),
    watchedMs: a.watchedMs + b.watchedMs,
    blindMs: a.blindMs + b.blindMs,
    pausedMs: a.pausedMs + b.pausedMs,
  };
}

function merged<Value>(
  a: Readonly<Record<string, Value>>,
  b: Readonly<Record<string, Value>>,
  plus: (x: Value, y: Value) => Value,
): Readonly<Record<string, Value>> {
  const sum: Record<string, Value> = { ...a };
  for (const [label, value] of Object.entries(b)) {
    const before = sum[label];
    sum[label] = before === undefined ? value : plus(before, value);
  }
  return sum;
}
