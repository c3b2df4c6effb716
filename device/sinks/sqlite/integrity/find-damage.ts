import { openDatabaseReadOnly } from '../opening/database.ts';
import { isDamage } from '../opening/fault.ts';

/** SQLite's code of damage, in a finding such as `unable to get the page. error code=11`. */
const damageCode = '11';

/**
 * Reads the whole database and compares its indexes with its tables. It reads one moment of the log: the write-ahead log keeps
 * the writes of the meantime, some KB a minute.
 *
 * @returns the first finding; undefined if the database is intact
 * @throws MienError if it cannot be opened; Error if it cannot be read
 */
export function findDamage(file: string): string | undefined {
  const finding = firstFinding(file);
  // A disk with a loose contact may read wrong once. A database that is set aside costs more than a second look.
  return finding === undefined ? undefined : firstFinding(file);
}

function firstFinding(file: string): string | undefined {
  try {
    const database = openDatabaseReadOnly(file);
    try {
      const finding = database.pragma('integrity_check(1)', { simple: true }) as string;
      if (finding === 'ok') return undefined;
      const code = /error code=(\d+)/.exec(finding)?.[1];
      // The disk, not the database: SQLite lists both as findings.
      if (code !== undefined && code !== damageCode) throw new Error(finding);
      return oneLine(finding);
    } finally {
      database.close();
    }
  } catch (error) {
    if (isDamage(error)) return (error as Error).message;
    throw error;
  }
}

function oneLine(finding: string): string {
  return finding.replaceAll(/\s+/g, ' ').trim();
}
