import { unsalvagedFiles } from '../opening/damaged.ts';
import { nextGeneration } from '../tables/numbering.ts';
import { highestNumber } from './salvage.ts';

/** The number before the first row of a new database: above all rows that are still to be salvaged into it. */
export function firstNumberBeside(file: string): number {
  return Math.max(0, ...unsalvagedFiles(file).map((damaged) => nextGeneration(highestNumber(damaged))));
}
