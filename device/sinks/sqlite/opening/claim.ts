import { readdirSync, readlinkSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import Sqlite, { type Database } from 'better-sqlite3';
import { exitCode, MienError } from '../../../core/errors.ts';
import { makeFolder } from '../../../core/folder.ts';
import { isDamage, isLocked } from './fault.ts';

/**
 * Claims a data folder for this process until the returned handle is closed or the process ends, however it ends: two
 * daemons on one database would log and publish everything twice. The lock is SQLite's own, on a file beside the database.
 * The folder is made where it is missing.
 *
 * @throws MienError (unavailable) when another process has it; the fault of the file system when it cannot be told.
 */
export function claimFolder(folder: string): Database {
  makeFolder(resolve(folder));
  const file = join(resolve(folder), 'mien.lock');
  if (isDeletedButOpen(file)) throw alreadyUsed(folder);
  try {
    return lock(file);
  } catch (error) {
    if (isLocked(error)) throw alreadyUsed(folder, error);
    if (!isDamage(error)) throw error;
    // It could be read, so nobody holds it; it never holds anything.
    rmSync(file);
    return lock(file);
  }
}

function lock(file: string): Database {
  const claim = new Sqlite(file, { timeout: 0 });
  try {
    claim.exec('BEGIN EXCLUSIVE');
    return claim;
  } catch (error) {
    claim.close();
    throw error;
  }
}

/** Whether a fault says that another process has claimed the folder. */
export function isAlreadyUsed(error: unknown): error is MienError {
  return error instanceof MienError && error.code === exitCode.unavailable;
}

function alreadyUsed(folder: string, cause?: unknown): MienError {
  return new MienError(`Another Mien is using the data folder ${folder}`, {
    code: exitCode.unavailable,
    remedy: 'Stop it, or set another dataDir (MIEN_DATA_DIR)',
    cause,
  });
}

/** Whether a process still holds a lock file that somebody has deleted: a new file of this name would lock nothing. */
function isDeletedButOpen(file: string): boolean {
  return quietly(() => readdirSync('/proc'), [])
    .filter((name) => /^\d+$/.test(name))
    .some((pid) =>
      quietly(() => readdirSync(`/proc/${pid}/fd`), []).some(
        (fd) => quietly(() => readlinkSync(`/proc/${pid}/fd/${fd}`), '') === `${file} (deleted)`,
      ),
    );
}

/** Processes end while they are looked at, and those of other users cannot be. */
function quietly<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch {
    return otherwise;
  }
}
