/**
 * Rows of a database that replaces a damaged one are numbered from a multiple of this: the rows that are salvaged keep
 * their numbers, and none is written twice. A page cursor has 15 digits.
 */
const generationSize = 100_000_000_000;

/** The generation after the one that holds row `n`. */
export function nextGeneration(n: number): number {
  return (Math.floor(n / generationSize) + 1) * generationSize;
}

/** SQL: the number of the next row of a table; `base` is SQL as well. */
export function nextNumber(table: string, base: string): string {
  return `max(coalesce((SELECT max(n) FROM ${table}), 0), ${base}) + 1`;
}

/** SQL: where the rows of this database begin. Its boots tell it: the first thing that is written. */
export const firstNumber = `(SELECT coalesce(max(n), 0) / ${generationSize} * ${generationSize} FROM boots)`;
