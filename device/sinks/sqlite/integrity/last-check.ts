import type { Database } from 'better-sqlite3';

/** What the database knows about its checks (`store_state`). */
export interface LastCheck {
  /** Whether a daemon has the database open, or had it open when it ended without a stop. */
  readonly isOpen: boolean;
  /** Running time since the last good check, or since the database is there, in ms. */
  readonly ranMs: number;
  /** Wall clock of the last good check; undefined without one. */
  readonly checkedAt: number | undefined;
}

const names = { isOpen: 'open', ranMs: 'ran_since_check', checkedAt: 'checked_at' } as const;

/** @throws errors of SQLite */
export function readLastCheck(database: Database): LastCheck {
  const read = database.prepare<[string], number>('SELECT value FROM store_state WHERE name = ?').pluck();
  return {
    isOpen: read.get(names.isOpen) === 1,
    ranMs: read.get(names.ranMs) ?? 0,
    checkedAt: read.get(names.checkedAt),
  };
}

/** @throws errors of SQLite */
export function writeLastCheck(database: Database, { isOpen, ranMs, checkedAt }: LastCheck): void {
  const write = database.prepare(
    'INSERT INTO store_state (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
  );
  database.transaction(() => {
    write.run(names.isOpen, isOpen ? 1 : 0);
    write.run(names.ranMs, Math.round(ranMs));
    if (checkedAt !== undefined) write.run(names.checkedAt, Math.round(checkedAt));
  })();
}
