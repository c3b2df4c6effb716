import type { Database } from 'better-sqlite3';
import type { Minute } from '../../../core/types.ts';
import { createMinuteInsert } from '../outbox/minutes.ts';
import { sumUpSalvaged } from '../rollup/hours.ts';
import { sumColumns } from '../tables/sums.ts';
import type { RawRow } from './leaf.ts';

/** Writes salvaged minutes and hours into the new database with their own numbers. An existing row is not changed. */
export interface CopySums {
  minutes(row: RawRow): void;
  hours(row: RawRow): void;
  /** Writes a minute in progress as a cut record. To be called after all minutes. */
  openMinute(row: RawRow): void;
  /** Rows that no minute counts. */
  unrolled(row: RawRow): void;
  /** To be called at the end, with the numbers of the salvaged rows. A database without minutes has rows that no minute counts. */
  finish(ranges: Readonly<Record<'samples' | 'visits', Range | undefined>>): void;
}

export interface Range {
  readonly first: number;
  readonly last: number;
}

export function createCopySums(database: Database, bootId: string): CopySums {
  const insert = (table: string, columns: string) =>
    database.prepare(`INSERT OR IGNORE INTO ${table} (${columns}) VALUES (${columns.replaceAll(/\w+/g, '?')})`);
  const insertMinute = insert(
    'minutes',
    `n, id, boot_id, seq, started_at, ended_at, ${sumColumns}, model, config, cut, published_at`,
  );
  const markPublished = database.prepare('UPDATE minutes SET published_at = ? WHERE id = ? AND published_at IS NULL');
  const insertHour = insert('hours', `n, start, first_minute, last_minute, ${sumColumns}`);
  const insertCut = createMinuteInsert(database);
  const note = database.prepare(
    `INSERT INTO unrolled (kind, first, last) SELECT @kind, @first, @last
     WHERE NOT EXISTS (SELECT 1 FROM unrolled WHERE kind = @kind AND last = @last)`,
  );
  let hasSums = false;
  // They are noted once their rows are there: before that, the daemon would find nothing to roll up.
  const unrolled: { kind: 'samples' | 'visits'; first: unknown; last: unknown }[] = [];
  return {
    minutes({ n, values }) {
      hasSums = true;
      insertMinute.run(n, ...values.slice(1));
      const publishedAt = values[19];
      if (publishedAt !== null) markPublished.run(publishedAt, values[1]);
    },
    hours({ n, values }) {
      hasSums = true;
      insertHour.run(n, ...values.slice(1));
    },
    openMinute({ values }) {
      hasSums = true;
      const minute = JSON.parse(values[1] as string) as Minute;
      if (minute.bootId !== bootId) insertCut({ ...minute, cut: true });
    },
    unrolled({ values }) {
      const [, kind, first, last] = values;
      if (kind === 'samples' || kind === 'visits') unrolled.push({ kind, first, last });
    },
    finish(ranges) {
      sumUpSalvaged(database);
      for (const rows of unrolled) note.run(rows);
      if (hasSums) return;
      for (const kind of ['samples', 'visits'] as const) if (ranges[kind]) note.run({ kind, ...ranges[kind] });
    },
  };
}
