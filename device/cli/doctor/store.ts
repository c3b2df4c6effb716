import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { describeError, MienError } from '../../core/errors.ts';
import { copiesBeforeUpdates } from '../../sinks/sqlite/backup/before-update.ts';
import { checkEveryMs } from '../../sinks/sqlite/integrity/checks.ts';
import { type LastCheck, readLastCheck } from '../../sinks/sqlite/integrity/last-check.ts';
import { damagedFiles } from '../../sinks/sqlite/opening/damaged.ts';
import { openDatabaseReadOnly } from '../../sinks/sqlite/opening/database.ts';
import { isDamage, StoreFault } from '../../sinks/sqlite/opening/fault.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

const part = 'log';

/** Checks that the database is readable, that this Mien knows its version, and that no damaged one was set aside. */
export function checkStore(dataDir: string): readonly Finding[] {
  const file = join(resolve(dataDir), 'mien.db');
  return [...checkDatabase(file), ...listCopies(file), ...checkDamaged(file)];
}

function checkDatabase(file: string): readonly Finding[] {
  if (!existsSync(file)) return [ok(part, 'no database yet; the first run of Mien creates it')];
  try {
    const database = openDatabaseReadOnly(file);
    try {
      // The newest rows, because new rows are written beside them.
      for (const table of ['samples', 'visits'])
        database.prepare(`SELECT * FROM ${table} ORDER BY n DESC LIMIT 100`).all();
      return [ok(part, `${file} can be read`), describeLastCheck(readLastCheck(database))];
    } finally {
      database.close();
    }
  } catch (error) {
    const remedy = 'Start Mien (mien run): it sets the file aside, recovers the readable rows, and continues logging';
    if (isDamage(error)) return [fail(part, `${file} is damaged`, remedy)];
    if (error instanceof StoreFault) return [fail(part, error.message, error.remedy)];
    if (!(error instanceof MienError)) return [fail(part, `${file}: ${describeError(error)}`, remedy)];
    return [warn(part, error.message, error.remedy)];
  }
}

/** They hold rows that retention has deleted from the log. */
function listCopies(file: string): readonly Finding[] {
  const names = copiesBeforeUpdates(file).map(({ path }) => basename(path));
  return names.length === 0 ? [] : [ok(part, `copies from before an update: ${names.join(', ')} (mien restore FILE)`)];
}

/** What the weekly check of a running Mien found. The doctor itself reads only some rows. */
function describeLastCheck({ ranMs, checkedAt }: LastCheck): Finding {
  const last = checkedAt === undefined ? 'none yet' : `${new Date(checkedAt).toISOString().slice(0, 10)}, no damage`;
  const ranDays = Math.floor(ranMs / 86_400_000);
  if (ranMs < 2 * checkEveryMs) return ok(part, `last integrity check: ${last}`);
  const remedy = 'The log of the daemon says why (journalctl -u mien); check the disk';
  return warn(part, `no integrity check in ${ranDays} days of running (last one: ${last})`, remedy);
}

function checkDamaged(file: string): readonly Finding[] {
  const files = damagedFiles(file);
  if (files.length === 0) return [];
  const names = files.map((each) => basename(each)).join(', ');
  const remedy =
    'Check the disk and the power supply; delete the files if you do not need their data (device/sinks/sqlite/README.md)';
  return [warn(part, `set aside as damaged: ${names}`, remedy)];
}
