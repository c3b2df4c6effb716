/**
 * The rows of a database that replaces a damaged one are numbered from a multiple of this. Salvaged rows keep their numbers,
 * and none is written twice. A page cursor has 15 digits.
 */
const generationSize = 100_000_000_000;

/** The start of the generation after that of row `n`. */
export function nextGeneration(n: number): number {
  return (Math.floor(n / generationSize) + 1) * generationSize;
}

/** SQL: the number of the next row of a table. @param base SQL too */
export function nextNumber(table: string, base: string): string {
  return `max(coalesce((SELECT max(n) FROM ${table}), 0), ${base}) + 1`;
}

/** SQL: the number before the first row of this database. It follows from `boots`, whose row is written first. */
export const firstNumber = `(SELECT coalesce(max(n), 0) / ${generationSize} * ${generationSize} FROM boots)`;
