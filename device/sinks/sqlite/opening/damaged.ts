import { existsSync, readdirSync, renameSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describeError } from '../../../core/errors.ts';
import { StoreFault } from './fault.ts';

/** Files of SQLite beside a database. */
const companions = ['-wal', '-shm'];
/** Ends the name of a damaged database from which rows are still to be salvaged. */
const unsalvaged = '.salvaging';
/** So many damaged databases are no accident, and they take the place of the log. */
const maxDamaged = 10;

/**
 * Renames a damaged database to `FILE.damaged-DATE.salvaging`, with the files beside it. Nothing is deleted or overwritten.
 *
 * @returns the new path
 * @throws StoreFault when it cannot be renamed, or when many damaged ones are there already.
 */
export function setAside(file: string, now: number, cause: unknown): string {
  const why = `The database ${file} is damaged (${describeError(cause)})`;
  if (damagedFiles(file).length >= maxDamaged) {
    const remedy = `The disk seems to fail: replace it, or move the files ${file}.damaged-* to another disk.`;
    throw new StoreFault('store-damaged', `${why}, and ${maxDamaged} damaged ones are beside it already`, { remedy });
  }
  const to = `${freeName(file, now)}${unsalvaged}`;
  try {
    // The database last: while it is there the next try finds it.
    for (const each of companions) if (existsSync(file + each)) renameSync(file + each, to + each);
    renameSync(file, to);
    return to;
  } catch (error) {
    const remedy = `Check that ${dirname(file)} is a folder that this user may write to, or set another dataDir (MIEN_DATA_DIR).`;
    throw new StoreFault('store-damaged', `${why}, and cannot be set aside (${describeError(error)})`, { remedy });
  }
}

/** Gives a damaged database its final name: everything that can be read from it is in the log again. */
export function markSalvaged(damaged: string): string {
  const to = damaged.slice(0, -unsalvaged.length);
  for (const each of companions) if (existsSync(damaged + each)) renameSync(damaged + each, to + each);
  renameSync(damaged, to);
  return to;
}

/** Damaged databases beside `file` from which rows are still to be salvaged, newest first. */
export function unsalvagedFiles(file: string): readonly string[] {
  return damagedFiles(file)
    .filter((path) => path.endsWith(unsalvaged))
    .toReversed();
}

/** Damaged databases beside `file`, oldest first. */
export function damagedFiles(file: string): readonly string[] {
  const prefix = `${basename(file)}.damaged-`;
  const isDamaged = (name: string) => name.startsWith(prefix) && !companions.some((end) => name.endsWith(end));
  const folder = dirname(file);
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return [];
  return readdirSync(folder)
    .filter(isDamaged)
    .sort()
    .map((name) => join(folder, name));
}

/** Two of one second, or of a clock that stands still, must not meet. */
function freeName(file: string, now: number): string {
  const date = new Date(now).toISOString().replaceAll(/\.\d+|:/g, '');
  const names = readdirSync(dirname(file));
  for (let count = 1; ; count += 1) {
    const path = `${file}.damaged-${date}${count === 1 ? '' : `-${count}`}`;
    if (!names.some((name) => name.startsWith(basename(path)))) return path;
  }
}
