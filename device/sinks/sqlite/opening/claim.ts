import { accessSync, constants, readdirSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import Sqlite, { type Database } from 'better-sqlite3';
import { exitCode, MienError } from '../../../core/errors.ts';
import { giveToOwnerOf, makeFolder } from '../../../core/folder.ts';
import { codeOf, isDamage, isLocked, StoreFault } from './fault.ts';

/**
 * Claims a data folder for this process until the returned handle is closed or the process ends in any way. Two daemons on
 * one database would log and publish everything twice. The lock is one of SQLite, on a file beside the database. The folder
 * is created if it is missing. Under root, lock and folder belong to the owner of the folder they are in.
 *
 * @throws MienError (unavailable) if another process has claimed it; StoreFault if this user may not write the lock file; the
 * fault of the file system if the lock cannot be tried.
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
    // A damaged lock file could be read, so no process holds it. It never has content.
    rmSync(file);
    return lock(file);
  }
}

function lock(file: string): Database {
  refuseReadOnly(file);
  const claim = new Sqlite(file, { timeout: 0 });
  try {
    claim.exec('BEGIN EXCLUSIVE');
    giveToOwnerOf(dirname(file), file);
    return claim;
  } catch (error) {
    claim.close();
    throw error;
  }
}

/** SQLite would open such a file for reading, and a lock of a reader excludes nobody. */
function refuseReadOnly(file: string): void {
  const status = statSync(file, { throwIfNoEntry: false });
  if (!status) return;
  try {
    accessSync(file, constants.W_OK);
  } catch (error) {
    if (!/^(EACCES|EPERM)$/.test(codeOf(error))) throw error;
    const owner = `the user with the id ${status.uid}`;
    throw new StoreFault(
      'store-unwritable',
      `This user may not write the lock file ${file}, which belongs to ${owner}`,
      { remedy: `Delete it while no Mien runs, or start Mien as ${owner}.`, cause: error },
    );
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

/** Whether a process still holds a lock file that was deleted: a lock on a new file of this name would not exclude it. */
function isDeletedButOpen(file: string): boolean {
  return quietly(() => readdirSync('/proc'), [])
    .filter((name) => /^\d+$/.test(name))
    .some((pid) =>
      quietly(() => readdirSync(`/proc/${pid}/fd`), []).some(
        (fd) => quietly(() => readlinkSync(`/proc/${pid}/fd/${fd}`), '') === `${file} (deleted)`,
      ),
    );
}

/** Processes end during the search, and those of other users cannot be read. */
function quietly<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch {
    return otherwise;
  }
}
