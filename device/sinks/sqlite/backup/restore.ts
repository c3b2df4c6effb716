import { closeSync, copyFileSync, existsSync, fsyncSync, linkSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import Sqlite, { type Database } from 'better-sqlite3';
import { describeError, exitCode, MienError } from '../../../core/errors.ts';
import { giveToOwnerOf, syncFolder } from '../../../core/folder.ts';
import { claimFolder } from '../opening/claim.ts';
import { companions, freeName } from '../opening/damaged.ts';
import { openDatabaseReadOnly, refuseEmptied } from '../opening/database.ts';
import { explainStoreFault, isDamage, isLocked } from '../opening/fault.ts';
import { copyDatabase } from './copy.ts';

const tables = ['boots', 'samples', 'visits'];

/**
 * Replaces the database by a backup. The backup is checked and copied first. The replaced database keeps its rows under the
 * name `FILE.replaced-DATE`. After a kill at any moment, `file` is the old database or the new one, with all rows.
 *
 * @returns the path of the replaced database; undefined if there was none
 * @throws MienError if another program has the database open, or if the backup is damaged, of a newer version or no database
 * of Mien
 */
export async function restoreDatabase(backup: string, file: string, now: number): Promise<string | undefined> {
  check(backup);
  const claim = claimFor(file);
  const incoming = `${file}.restoring`;
  try {
    const hasOld = existsSync(file);
    if (hasOld) emptyLog(file);
    for (const end of ['', ...companions]) rmSync(incoming + end, { force: true });
    await copyDatabase(backup, incoming, { keepFree: 0 });
    giveToOwnerOf(hasOld ? file : dirname(file), incoming);
    const kept = freeName(file, 'replaced', now);
    keepUnder(file, kept);
    dropCompanions(file);
    renameSync(incoming, file);
    syncFolder(dirname(file));
    return hasOld ? kept : undefined;
  } catch (error) {
    rmSync(incoming, { force: true });
    throw explainStoreFault(error, file);
  } finally {
    claim.close();
  }
}

function claimFor(file: string): Database {
  try {
    return claimFolder(dirname(file));
  } catch (error) {
    throw explainStoreFault(error, file);
  }
}

/**
 * Moves the rows of the write-ahead log into the database and deletes the log, so that one file has all rows. The next start
 * of a daemon makes a new log. A damaged database is left as it is, with the files beside it.
 *
 * @throws an error of SQLite if another program has the database open: its log would get beside the new database
 */
function emptyLog(file: string): void {
  let database: Database | undefined;
  try {
    refuseEmptied(file);
    assertReadable(file);
    database = new Sqlite(file, { timeout: 1000 });
    database.pragma('journal_mode = DELETE');
  } catch (error) {
    if (isLocked(error)) throw error;
    // It is damaged: the restore replaces it all the same.
  } finally {
    database?.close();
  }
}

/** A connection that may write would delete the log of a damaged database when it is closed. */
function assertReadable(file: string): void {
  const database = new Sqlite(file, { readonly: true });
  try {
    database.prepare('SELECT 1 FROM sqlite_schema').get();
  } finally {
    database.close();
  }
}

/** Gives the files of a closed database a second name. */
function keepUnder(file: string, kept: string): void {
  for (const end of [...companions, '']) if (existsSync(file + end)) link(file + end, kept + end);
  syncFolder(dirname(file));
}

/** Where the file system has no hard links, the second name is that of a copy. */
function link(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    // FAT and some network file systems. If something else is wrong, the copy fails too and says what.
    copyFile(from, to);
  }
}

/** The copy has its name when it is complete. */
function copyFile(from: string, to: string): void {
  const incomplete = `${to}.copying`;
  try {
    copyFileSync(from, incomplete);
    giveToOwnerOf(from, incomplete);
    const copy = openSync(incomplete, 'r+');
    fsyncSync(copy);
    closeSync(copy);
    renameSync(incomplete, to);
  } catch (error) {
    rmSync(incomplete, { force: true });
    throw error;
  }
}

/** Only a damaged database still has other files. They go first: SQLite would read them as those of the new one. */
function dropCompanions(file: string): void {
  const left = companions.filter((end) => existsSync(file + end));
  if (left.length === 0) return;
  for (const end of left) rmSync(file + end);
  syncFolder(dirname(file));
}

function check(backup: string): void {
  let database: Database | undefined;
  try {
    database = openDatabaseReadOnly(backup, { mayBeOlder: true });
    const found = database.pragma('integrity_check(1)', { simple: true });
    if (found !== 'ok') throw unusable(backup, `it is damaged: ${String(found)}`);
    const names = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all();
    const missing = tables.filter((name) => !names.includes(name));
    if (missing.length > 0) throw unusable(backup, `it has no table ${missing.join(', ')}`);
  } catch (error) {
    throw isDamage(error) ? unusable(backup, describeError(error)) : error;
  } finally {
    database?.close();
  }
}

function unusable(backup: string, why: string): MienError {
  return new MienError(`Expected an intact database of Mien, but ${backup} is none (${why})`, {
    code: exitCode.badData,
    remedy: 'Use another backup. Nothing was changed',
  });
}
