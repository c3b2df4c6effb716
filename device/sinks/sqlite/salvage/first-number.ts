import { unsalvagedFiles } from '../opening/damaged.ts';
import { nextGeneration } from '../tables/numbering.ts';
import { highestNumber } from './salvage.ts';

/** Where the rows of a new database begin: above those that are still to be salvaged from the ones beside it. */
export function firstNumberBeside(file: string): number {
  return Math.max(0, ...unsalvagedFiles(file).map((damaged) => nextGeneration(highestNumber(damaged))));
}
