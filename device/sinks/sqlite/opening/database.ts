import { chmodSync, closeSync, existsSync, openSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import Sqlite, { type Database } from 'better-sqlite3';
import { describeError, exitCode, MienError } from '../../../core/errors.ts';
import { makeFolder } from '../../../core/folder.ts';
import { formatOf, formatVersion, migrate, schemaVersion, versionOf } from '../tables/schema.ts';
import { codeOf, damage, explainStoreFault, isDamage, StoreFault } from './fault.ts';

/**
 * Opens the database for writing. Creates the folder and the tables if they are missing.
 *
 * @param beforeUpdate called with the version of an existing database before its first missing migration; may throw
 * @throws MienError (cannotWrite) if the folder or the file cannot be written, or if the file is damaged (`isDamage`) or of a
 * newer version
 */
export function openDatabase(file: string, beforeUpdate?: (version: number) => void): Database {
  try {
    makeFolder(dirname(file));
    // Temporary files of large sorts belong beside the database, not into a folder that all users share.
    process.env.SQLITE_TMPDIR = resolve(dirname(file));
    closeToOthers(file);
    refuseEmptied(file);
    // A short wait for locks, because it blocks the process that serves the pages. A later try costs nothing.
    return prepared(new Sqlite(file, { timeout: 25 }), (database) => {
      // Before the first write.
      refuseNewer(database, file);
      const version = asDamage(() => versionOf(database));
      if (version > 0 && version < schemaVersion) beforeUpdate?.(version);
      // Small pages cost few bytes a row in the write-ahead log. An existing database keeps its size.
      database.pragma('page_size = 1024');
      database.pragma('journal_mode = WAL');
      // With WAL a crash of the process loses nothing. A power cut loses the last commits at most, never the file.
      database.pragma('synchronous = NORMAL');
      database.pragma('journal_size_limit = 4194304');
      // In pages. Rare checkpoints write a page once that changed many times.
      database.pragma('wal_autocheckpoint = 2000');
      // In KiB. The 16 MB of better-sqlite3 would fill up over weeks. Writes touch few pages, and the system caches the rest.
      database.pragma('cache_size = -256');
      asDamage(() => migrate(database));
    });
  } catch (error) {
    throw explainStoreFault(error, file);
  }
}

/**
 * Only the daemon's user, and a group that an operator gives the file to, may read the log. The file is created here with
 * these rights, so that it never has others. SQLite gives the files beside the database the same rights.
 */
function closeToOthers(file: string): void {
  // An existing file is not opened: closing it would drop the locks of other connections of this process.
  if (!existsSync(file)) closeSync(openSync(file, 'a', 0o600));
  const { mode, uid } = statSync(file);
  if ((mode & 0o007) !== 0 && uid === process.getuid?.()) chmodSync(file, mode & 0o770);
}

/**
 * Opens the database for reading beside a running daemon.
 *
 * @param mayBeOlder for a copy, which needs no tables of this version
 * @throws MienError if there is none, or if this version cannot read it
 */
export function openDatabaseReadOnly(file: string, { mayBeOlder = false } = {}): Database {
  process.env.SQLITE_TMPDIR = resolve(dirname(file));
  try {
    return prepared(new Sqlite(file, { readonly: true, fileMustExist: true, timeout: 1000 }), (database) => {
      refuseNewer(database, file);
      if (versionOf(database) < schemaVersion && !mayBeOlder) {
        throw new MienError(`${file} has an older schema (${versionOf(database)}, expected ${schemaVersion})`, {
          code: exitCode.badData,
          remedy: 'Start Mien once (mien run); it updates the database.',
        });
      }
    });
  } catch (error) {
    if (error instanceof MienError || isDamage(error)) throw error;
    throw new MienError(`Cannot read a database at ${file} (${(error as Error).message})`, {
      code: exitCode.noInput,
      remedy: 'Check dataDir; Mien creates the database at its first start.',
      cause: error,
    });
  }
}

/** SQLite would make a new database of an empty file, and remove the write-ahead log, which holds the only copy of the rows. */
export function refuseEmptied(file: string): void {
  const wal = statSync(`${file}-wal`, { throwIfNoEntry: false });
  if (statSync(file).size === 0 && wal && wal.size > 0) throw damage('it is empty, its write-ahead log is not');
}

/** Runs statements that work on every intact database. Their failure (a missing or extra table or column) is damage. */
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
  const format = formatOf(database);
  if (format <= formatVersion) return;
  const message = `${file} was written by a newer Mien (schema ${format}, this one knows ${formatVersion})`;
  throw new StoreFault('store-newer', message, { remedy: 'Update Mien, or set another dataDir (MIEN_DATA_DIR).' });
}
