import { chownSync, existsSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import Sqlite, { type Database } from 'better-sqlite3';
import { describeError, exitCode, MienError } from '../../../core/errors.ts';
import { claimFolder } from '../opening/claim.ts';
import { moveDatabase } from '../opening/damaged.ts';
import { openDatabaseReadOnly } from '../opening/database.ts';
import { explainStoreFault, isDamage } from '../opening/fault.ts';
import { copyDatabase } from './copy.ts';

const tables = ['boots', 'samples', 'visits'];

/**
 * Replaces the database by a backup. The backup is checked and copied first; until then nothing is changed. The replaced
 * database keeps its rows under the name `FILE.replaced-DATE`.
 *
 * @returns the path of the replaced database; undefined if there was none
 * @throws MienError if a daemon uses the folder, or if the backup is damaged, of a newer version or no database of Mien
 */
export async function restoreDatabase(backup: string, file: string, now: number): Promise<string | undefined> {
  check(backup);
  const claim = claimFolder(dirname(file));
  try {
    const incoming = `${file}.restoring`;
    rmSync(incoming, { force: true });
    await copyDatabase(backup, incoming, { keepFree: 0 });
    giveToOwner(incoming, existsSync(file) ? file : dirname(file));
    const kept = existsSync(file)
      ? `${file}.replaced-${new Date(now).toISOString().replaceAll(/\.\d+|:/g, '')}`
      : undefined;
    if (kept !== undefined) {
      emptyLog(file);
      moveDatabase(file, kept);
    }
    renameSync(incoming, file);
    return kept;
  } catch (error) {
    throw explainStoreFault(error, file);
  } finally {
    claim.close();
  }
}

/** With sudo the copy would belong to root, and the daemon could not write it. */
function giveToOwner(file: string, like: string): void {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = statSync(like);
  chownSync(file, uid, gid);
}

/** Moves the rows of the write-ahead log into the database, so that one file is left to rename. */
function emptyLog(file: string): void {
  try {
    const database = new Sqlite(file);
    database.pragma('wal_checkpoint(TRUNCATE)');
    database.close();
  } catch {
    // A damaged database is kept as it is, with the files beside it.
  }
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
