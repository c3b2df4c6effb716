import { readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { syncFolder } from '../../../core/folder.ts';
import { type CopyJob, copyInThread } from './copy-thread.ts';

/** Number of copies that stay beside the database. */
const kept = 2;
/** Ending of the name of a copy that is not complete. */
const unfinished = '.copying';

/** A copy of the database from before an update. */
interface CopyBeforeUpdate {
  readonly path: string;
  /** Number of the last migration of its content. */
  readonly version: number;
}

/**
 * Copies the database into `FILE.before-VERSION`, which is always complete: it gets its name at the end. An earlier copy of
 * this version is replaced. Older copies than the newest two are deleted.
 *
 * @returns the path of the copy
 * @throws StoreFault if the database cannot be copied; no part of a copy is left
 */
export async function copyBeforeUpdate(
  file: string,
  { version, entry, signal }: { version: number; signal: AbortSignal } & Pick<CopyJob, 'entry'>,
): Promise<string> {
  const path = `${file}.before-${version}`;
  const incoming = path + unfinished;
  for (const left of namesBeside(file).filter((name) => name.includes(unfinished))) remove(left);
  try {
    await copyInThread({ from: file, to: incoming, entry }, signal);
    renameSync(incoming, path);
    syncFolder(dirname(file));
  } catch (error) {
    for (const end of ['', '-journal']) remove(incoming + end);
    throw error;
  }
  const others = copiesBeforeUpdates(file).filter((copy) => copy.path !== path);
  for (const old of others.slice(kept - 1)) remove(old.path);
  return path;
}

/** The complete copies beside `file`, newest version first. */
export function copiesBeforeUpdates(file: string): readonly CopyBeforeUpdate[] {
  return namesBeside(file)
    .map((path) => ({ path, version: Number(/\.before-(\d+)$/.exec(path)?.[1]) }))
    .filter(({ version }) => version > 0)
    .sort((a, b) => b.version - a.version);
}

function namesBeside(file: string): readonly string[] {
  const folder = dirname(file);
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return [];
  return readdirSync(folder)
    .filter((name) => name.startsWith(`${basename(file)}.before-`))
    .map((name) => join(folder, name));
}

function remove(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // The folder is read-only by now. The next update deletes it, and the copy itself says what is wrong.
  }
}
