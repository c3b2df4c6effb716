import { chmodSync, closeSync, existsSync, mkdirSync, openSync, readdirSync, readlinkSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import Sqlite, { type Database } from 'better-sqlite3';
import { exitCode, MienError } from '../../core/errors.ts';
import { explainStoreFault } from './fault.ts';
import { migrate, schemaVersion, versionOf } from './schema.ts';

/**
 * Opens the database for writing, makes the folder and the tables where they are missing.
 *
 * @throws MienError (cannotWrite) when the folder or the file cannot be written, or the file is no database of ours.
 */
export function openDatabase(file: string): Database {
  try {
    makeFolder(dirname(file));
    // Large sorts spill rows into temporary files: beside the database, not into a folder that all users share.
    process.env.SQLITE_TMPDIR = resolve(dirname(file));
    closeToOthers(file);
    // A short wait for locks: it blocks the process that serves the pages, and a later try costs nothing.
    return prepared(new Sqlite(file, { timeout: 25 }), (database) => {
      database.pragma('journal_mode = WAL');
      // With WAL a crash of the process loses nothing; a power cut loses at most the last moments, never the file.
      database.pragma('synchronous = NORMAL');
      database.pragma('journal_size_limit = 4194304');
      // In KiB. better-sqlite3's 16 MB would fill up over the weeks; what is written has few pages, the system holds the rest.
      database.pragma('cache_size = -256');
      refuseNewer(database, file);
      migrate(database);
    });
  } catch (error) {
    throw explainStoreFault(error, file);
  }
}

/**
 * Claims a data folder for this process until the returned handle is closed or the process ends, however it ends: two
 * daemons on one database would log and publish everything twice. The lock is SQLite's own, on a file beside the database.
 *
 * @throws MienError (unavailable) when another process has it.
 */
export function claimFolder(folder: string): Database {
  const file = join(resolve(folder), 'mien.lock');
  if (isDeletedButOpen(file)) throw alreadyUsed(folder);
  const claim = new Sqlite(file, { timeout: 0 });
  try {
    claim.exec('BEGIN EXCLUSIVE');
    return claim;
  } catch (error) {
    claim.close();
    throw alreadyUsed(folder, error);
  }
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

/** Not `recursive: true`: where the parent is there but refuses with ENOENT, as /proc does, Node's own tries for ever. */
function makeFolder(folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return;
  makeFolder(dirname(folder));
  mkdirSync(folder, { mode: 0o700 });
}

/**
 * Who was there when, and how it looked, is for the daemon's user (and a group that an operator gives the file to). Made
 * here with these rights, so that there is no moment without; the files beside the database take over its rights.
 */
function closeToOthers(file: string): void {
  // Never opened where it is there: closing it would drop the locks of this process's other connections.
  if (!existsSync(file)) closeSync(openSync(file, 'a', 0o600));
  const { mode, uid } = statSync(file);
  if ((mode & 0o007) !== 0 && uid === process.getuid?.()) chmodSync(file, mode & 0o770);
}

/**
 * Opens the database for reading beside a running daemon.
 *
 * @throws MienError when there is none, or when it is not one that this version can read.
 */
export function openDatabaseReadOnly(file: string): Database {
  process.env.SQLITE_TMPDIR = resolve(dirname(file));
  try {
    return prepared(new Sqlite(file, { readonly: true, fileMustExist: true, timeout: 1000 }), (database) => {
      refuseNewer(database, file);
      if (versionOf(database) < schemaVersion) {
        throw new MienError(`${file} has an older schema (${versionOf(database)}, expected ${schemaVersion})`, {
          code: exitCode.badData,
          remedy: 'Start Mien once (mien run); it brings the database up to date.',
        });
      }
    });
  } catch (error) {
    if (error instanceof MienError) throw error;
    throw new MienError(`Cannot read a database at ${file} (${(error as Error).message})`, {
      code: exitCode.noInput,
      remedy: 'Check dataDir; the database is made when Mien first runs.',
      cause: error,
    });
  }
}

function prepared(database: Database, prepare: (database: Database) => void): Database {
  try {
    prepare(database);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function refuseNewer(database: Database, file: string): void {
  const version = versionOf(database);
  if (version <= schemaVersion) return;
  throw new MienError(`${file} was written by a newer Mien (schema ${version}, this one knows ${schemaVersion})`, {
    code: exitCode.cannotWrite,
    remedy: 'Update Mien, or set another dataDir (MIEN_DATA_DIR).',
  });
}
