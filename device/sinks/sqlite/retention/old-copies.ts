import { readdirSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { companions } from '../opening/damaged.ts';

/**
 * The end of the name of a file that holds rows of the log and that nothing uses: a copy from before an update, a damaged
 * database whose rows are salvaged, a database that a restore has replaced, and what a kill left of these.
 */
const unused = /^\.(before-\d+|damaged-[^.]+|replaced-[^.]+|restoring)(\.copying)?$/;

/**
 * Deletes copies of the log and former logs beside the database `file` that nothing has written since `due` (wall clock, ms).
 *
 * @returns the names of the deleted ones
 * @throws errors of the file system
 */
export function deleteOldCopies(file: string, due: number): readonly string[] {
  const folder = dirname(file);
  const newest = new Map<string, number>();
  for (const name of readdirSync(folder)) {
    const copy = withoutCompanion(name);
    if (!name.startsWith(basename(file)) || !unused.test(copy.slice(basename(file).length))) continue;
    const written = statSync(join(folder, name)).mtimeMs;
    newest.set(copy, Math.max(written, newest.get(copy) ?? 0));
  }
  const old = [...newest].filter(([, written]) => written < due).map(([copy]) => copy);
  for (const copy of old) for (const end of ['', ...companions]) rmSync(join(folder, copy + end), { force: true });
  return old.sort();
}

/** The write-ahead log of a damaged database goes with it. */
function withoutCompanion(name: string): string {
  const end = companions.find((each) => name.endsWith(each)) ?? '';
  return name.slice(0, name.length - end.length);
}
