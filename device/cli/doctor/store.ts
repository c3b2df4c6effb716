import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { describeError, MienError } from '../../core/errors.ts';
import { damagedFiles } from '../../sinks/sqlite/opening/damaged.ts';
import { openDatabaseReadOnly } from '../../sinks/sqlite/opening/database.ts';
import { isDamage, StoreFault } from '../../sinks/sqlite/opening/fault.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

const part = 'log';

/** The database: readable, of a version that this Mien knows, and no damaged one beside it that nobody has seen to. */
export function checkStore(dataDir: string): readonly Finding[] {
  const file = join(resolve(dataDir), 'mien.db');
  return [checkDatabase(file), ...checkDamaged(file)];
}

function checkDatabase(file: string): Finding {
  if (!existsSync(file)) return ok(part, 'no database yet; it is made when Mien first runs');
  try {
    const database = openDatabaseReadOnly(file);
    try {
      // The newest rows, which the next ones are written beside.
      for (const table of ['samples', 'visits'])
        database.prepare(`SELECT * FROM ${table} ORDER BY n DESC LIMIT 100`).all();
    } finally {
      database.close();
    }
    return ok(part, `${file} can be read`);
  } catch (error) {
    const remedy = 'Start Mien (mien run): it sets the file aside, salvages what can be read, and goes on logging';
    if (isDamage(error)) return fail(part, `${file} is damaged`, remedy);
    if (error instanceof StoreFault) return fail(part, error.message, error.remedy);
    if (!(error instanceof MienError)) return fail(part, `${file}: ${describeError(error)}`, remedy);
    return warn(part, error.message, error.remedy);
  }
}

function checkDamaged(file: string): readonly Finding[] {
  const files = damagedFiles(file);
  if (files.length === 0) return [];
  const names = files.map((each) => basename(each)).join(', ');
  const remedy =
    'Check the disk and the power supply; delete the files once nothing in them is missed (device/sinks/sqlite/README.md)';
  return [warn(part, `set aside as damaged: ${names}`, remedy)];
}
