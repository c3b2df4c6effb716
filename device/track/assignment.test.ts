import { describe, expect, test } from 'vitest';
import { numbersFrom } from '../core/seeded-numbers.ts';
import { assign } from './assignment.ts';

function total(gains: readonly (readonly number[])[], columns: readonly (number | undefined)[]): number {
  return columns.reduce<number>((sum, column, row) => sum + (column === undefined ? 0 : gains[row]![column]!), 0);
}

/** The maximum, by exhaustive search. */
function best(gains: readonly (readonly number[])[], row = 0, taken: ReadonlySet<number> = new Set()): number {
  if (row === gains.length) return 0;
  const alone = best(gains, row + 1, taken);
  const paired = gains[row]!.map((gain, column) =>
    taken.has(column) ? 0 : gain + best(gains, row + 1, new Set([...taken, column])),
  );
  return Math.max(alone, ...paired);
}

test('reaches the maximal gain, with each column at most once', () => {
  const next = numbersFrom(1);
  for (let round = 0; round < 500; round++) {
    const rows = Math.floor(next() * 6);
    const columns = Math.floor(next() * 6);
    // Some gains are equal, some negative, some minus infinity.
    const gain = () => (next() < 0.2 ? Number.NEGATIVE_INFINITY : Math.round(20 * (next() - 0.4)) / 2);
    const gains = Array.from({ length: rows }, () => Array.from({ length: columns }, gain));
    const columnOf = assign(gains);
    const taken = columnOf.filter((column) => column !== undefined);
    expect(columnOf).toHaveLength(rows);
    expect(new Set(taken).size).toBe(taken.length);
    expect(total(gains, columnOf)).toBeCloseTo(best(gains), 9);
  }
});

test('makes no pair with a loss', () => {
  expect(
    assign([
      [-1, -3],
      [-2, 5],
    ]),
  ).toEqual([undefined, 1]);
});

describe('empty input', () => {
  test('rows without columns stay unpaired', () => expect(assign([[], []])).toEqual([undefined, undefined]));
  test('no rows, no pairs', () => expect(assign([])).toEqual([]));
});

test('prefers one good pair to two poor ones', () => {
  expect(
    assign([
      [9, 3],
      [4, 0],
    ]),
  ).toEqual([0, undefined]);
});
