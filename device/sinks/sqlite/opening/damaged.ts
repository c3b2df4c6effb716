import { existsSync, readdirSync, renameSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describeError } from '../../../core/errors.ts';
import { StoreFault } from './fault.ts';

/** Endings of SQLite's files beside a database. Beside another database their content would damage it. */
export const companions = ['-wal', '-shm', '-journal'];
/** Ending of the name of a damaged database that is not salvaged yet. */
const unsalvaged = '.salvaging';
/** More damaged databases than this point to a failing disk, and they fill it. */
const maxDamaged = 10;

/**
 * Renames a damaged database to `FILE.damaged-DATE.salvaging`, with its other files. Nothing is deleted or overwritten.
 *
 * @returns the new path
 * @throws StoreFault if it cannot be renamed, or if there are `maxDamaged` damaged ones already
 */
export function setAside(file: string, now: number, cause: unknown): string {
  const why = `The database ${file} is damaged (${describeError(cause)})`;
  if (damagedFiles(file).length >= maxDamaged) {
    const remedy = `The disk seems to fail: replace it, or move the files ${file}.damaged-* to another disk.`;
    throw new StoreFault('store-damaged', `${why}, and ${maxDamaged} damaged ones are beside it already`, { remedy });
  }
  const to = `${freeName(file, 'damaged', now)}${unsalvaged}`;
  try {
    moveDatabase(file, to);
    return to;
  } catch (error) {
    const remedy = `Check that ${dirname(file)} is a folder that this user may write to, or set another dataDir (MIEN_DATA_DIR).`;
    throw new StoreFault('store-damaged', `${why}, and cannot be set aside (${describeError(error)})`, { remedy });
  }
}

/** Gives a damaged database its final name, after its readable rows were copied. */
export function markSalvaged(damaged: string): string {
  const to = damaged.slice(0, -unsalvaged.length);
  moveDatabase(damaged, to);
  return to;
}

/** Renames a closed database with its other files. */
function moveDatabase(from: string, to: string): void {
  // The database last: after a failure the next try still finds it.
  for (const each of companions) if (existsSync(from + each)) renameSync(from + each, to + each);
  renameSync(from, to);
}

/** Damaged databases beside `file` that are not salvaged yet, newest first. */
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

/** A name that no file has yet, also for two of the same second or a clock that stands still. */
export function freeName(file: string, what: 'damaged' | 'replaced', now: number): string {
  const date = new Date(now).toISOString().replaceAll(/\.\d+|:/g, '');
  const names = readdirSync(dirname(file));
  for (let count = 1; ; count += 1) {
    const path = `${file}.${what}-${date}${count === 1 ? '' : `-${count}`}`;
    if (!names.some((name) => name.startsWith(basename(path)))) return path;
  }
}
