import type { Database } from 'better-sqlite3';
import type { Minute } from '../../../core/types.ts';
import { createHourRollup } from '../rollup/hours.ts';
import { createOpenMinutes, type OpenMinute } from '../rollup/open-minutes.ts';
import { firstNumber, nextNumber } from '../tables/numbering.ts';
import { sumColumns, sumParameters, toMinuteColumns } from '../tables/sums.ts';

/** Ended minutes, and the one in progress. */
export interface Minutes {
  /** An existing row with its id is not changed. Returns whether it is a new one. */
  insert(minute: Minute): boolean;
  /** Replaces the snapshot of the minute in progress. @param afterSample number of the last sample before this transaction */
  setOpen(open: OpenMinute, afterSample: number): void;
}

/** Writes a minute, and the hour that it closes. Returns false where its id is there already. */
export type MinuteInsert = (minute: Minute, publishedAt?: number) => boolean;

export function createMinuteInsert(database: Database): MinuteInsert {
  const insert = database.prepare(
    `INSERT INTO minutes (n, id, boot_id, seq, started_at, ended_at, ${sumColumns}, model, config, cut, published_at)
     VALUES (${nextNumber('minutes', firstNumber)}, @id, @bootId, @seq, @startedAt, @endedAt, ${sumParameters},
       @model, @config, @cut, @publishedAt)
     ON CONFLICT (id) DO NOTHING`,
  );
  const hours = createHourRollup(database);
  return (minute, publishedAt) => {
    hours.before(minute);
    return insert.run({ ...toMinuteColumns(minute), publishedAt: publishedAt ?? null }).changes > 0;
  };
}

/** First writes the minutes that an earlier boot left in progress as cut records. To be called in a transaction, so that none is written twice. */
export function createMinutes(database: Database, bootId: string): Minutes {
  const insert = createMinuteInsert(database);
  const open = database.prepare(
    `INSERT INTO open_minutes (boot_id, minute, after_sample, after_visit) VALUES (?, ?, ?, ?)
     ON CONFLICT (boot_id) DO UPDATE SET minute = excluded.minute, after_sample = excluded.after_sample, after_visit = excluded.after_visit`,
  );
  for (const minute of createOpenMinutes(database)()) {
    if (minute.bootId !== bootId) insert({ ...minute, cut: true });
  }
  database.prepare('DELETE FROM open_minutes WHERE boot_id <> ?').run(bootId);
  return {
    insert: (minute) => insert(minute),
    setOpen: ({ minute, lastVisit }, afterSample) =>
      void open.run(minute.bootId, JSON.stringify(minute), afterSample, lastVisit),
  };
}
