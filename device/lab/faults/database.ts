import { existsSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import type { Identity } from './verdict.ts';

/** A visit in the database. */
export interface StoredVisit {
  readonly bootId: string;
  readonly track: number;
  readonly dwellMs: number;
  readonly cut: boolean;
}

/** What a device has written, read by another program. */
export class FaultDatabase {
  readonly #file: string;
  readonly #device: string;

  constructor(file: string, device: string) {
    this.#file = file;
    this.#device = device;
  }

  /** The visits and minutes, each kind in the order in which it was written. */
  rows(): Identity[] {
    const read = (kind: Identity['kind']) =>
      this.#read<Omit<Identity, 'kind' | 'device'>>(
        `SELECT id, boot_id AS bootId, seq, ended_at AS ts FROM ${kind}s ORDER BY n`,
      ).map((row) => ({ kind, device: this.#device, ...row }));
    return [...read('visit'), ...read('minute')];
  }

  visits(): StoredVisit[] {
    return this.#read<Omit<StoredVisit, 'cut'> & { cut: number | null }>(
      'SELECT boot_id AS bootId, track, dwell_ms AS dwellMs, cut FROM visits ORDER BY n',
    ).map((row) => ({ ...row, cut: row.cut === 1 }));
  }

  get exists(): boolean {
    return existsSync(this.#file);
  }

  /** Output of `integrity_check` if it is not ok. */
  damage(): string | undefined {
    const found = this.#read<{ integrity_check: string }>('PRAGMA integrity_check').map((row) => row.integrity_check);
    return found.length === 0 || found.join() === 'ok' ? undefined : found.join('; ').slice(0, 300);
  }

  /** Empty if the first start was killed before it made the tables. */
  #read<Row>(statement: string): Row[] {
    if (!this.exists) return [];
    const database = new Sqlite(this.#file, { readonly: true, timeout: 5000 });
    try {
      const isEmpty = !database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'minutes'").get();
      return isEmpty ? [] : (database.prepare(statement).all() as Row[]);
    } finally {
      database.close();
    }
  }
}
