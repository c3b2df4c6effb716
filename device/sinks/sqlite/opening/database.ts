import { chmodSync, closeSync, existsSync, openSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import Sqlite, { type Database } from 'better-sqlite3';
import { describeError, exitCode, MienError } from '../../../core/errors.ts';
import { makeFolder } from '../../../core/folder.ts';
import { migrate, schemaVersion, versionOf } from '../tables/schema.ts';
import { codeOf, damage, explainStoreFault, StoreFault } from './fault.ts';

/**
 * Opens the database for writing, makes the folder and the tables where they are missing.
 *
 * @throws MienError (cannotWrite) when the folder or the file cannot be written, or the file is damaged (`isDamage`) or of a
 * newer version.
 */
export function openDatabase(file: string): Database {
  try {
    makeFolder(dirname(file));
    // Large sorts spill rows into temporary files: beside the database, not into a folder that all users share.
    process.env.SQLITE_TMPDIR = resolve(dirname(file));
    closeToOthers(file);
    refuseEmptied(file);
    // A short wait for locks: it blocks the process that serves the pages, and a later try costs nothing.
    return prepared(new Sqlite(file, { timeout: 25 }), (database) => {
      // Before anything is written into it.
      refuseNewer(database, file);
      database.pragma('journal_mode = WAL');
      // With WAL a crash of the process loses nothing; a power cut loses at most the last moments, never the file.
      database.pragma('synchronous = NORMAL');
      database.pragma('journal_size_limit = 4194304');
      // In KiB. better-sqlite3's 16 MB would fill up over the weeks; what is written has few pages, the system holds the rest.
      database.pragma('cache_size = -256');
      asDamage(() => migrate(database));
    });
  } catch (error) {
    throw explainStoreFault(error, file);
  }
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

/** SQLite would make a new database of an empty file, and remove the write-ahead log with what only it holds. */
function refuseEmptied(file: string): void {
  const wal = statSync(`${file}-wal`, { throwIfNoEntry: false });
  if (statSync(file).size === 0 && wal && wal.size > 0) throw damage('it is empty, its write-ahead log is not');
}

/** Runs what works on every database of Mien: tables or columns that are missing, or too many, are damage. */
export function asDamage<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw codeOf(error) === 'SQLITE_ERROR' ? damage(describeError(error)) : error;
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
  const message = `${file} was written by a newer Mien (schema ${version}, this one knows ${schemaVersion})`;
  throw new StoreFault('store-newer', message, { remedy: 'Update Mien, or set another dataDir (MIEN_DATA_DIR).' });
}
