import type { Database } from 'better-sqlite3';
import type { Minute } from '../../../core/types.ts';
import { parsed, toMinuteColumns } from '../tables/columns.ts';
import { firstNumber, nextNumber } from '../tables/numbering.ts';

/** Ended minutes, and the one in progress. */
export interface Minutes {
  /** An existing row with its id is not changed. */
  insert(minute: Minute): void;
  /** Replaces the snapshot of the minute in progress. */
  setOpen(minute: Minute): void;
}

/** First writes the minutes that an earlier boot left in progress as cut records, in one transaction, so that none is written twice. */
export function createMinutes(database: Database, bootId: string): Minutes {
  const insert = database.prepare(
    `INSERT INTO minutes (n, id, boot_id, seq, started_at, ended_at, duration_ms, people, visits_begun, visits_ended,
       dwell_ms, ended, shown_ms, watched_ms, blind_ms, paused_ms, model, config, cut)
     VALUES (${nextNumber('minutes', firstNumber)}, @id, @bootId, @seq, @startedAt, @endedAt, @durationMs, @people,
       @visitsBegun, @visitsEnded, @dwellMs, @ended, @shownMs, @watchedMs, @blindMs, @pausedMs, @model, @config, @cut)
     ON CONFLICT (id) DO NOTHING`,
  );
  const open = database.prepare(
    'INSERT INTO open_minutes (boot_id, minute) VALUES (?, ?) ON CONFLICT (boot_id) DO UPDATE SET minute = excluded.minute',
  );
  const insertMinute = (minute: Minute) => void insert.run(toMinuteColumns(minute));
  database.transaction(() => {
    const left = database.prepare('SELECT minute FROM open_minutes WHERE boot_id <> ?').pluck().all(bootId) as string[];
    for (const text of left) insertMinute({ ...parsed<Minute>(text), cut: true });
    database.prepare('DELETE FROM open_minutes WHERE boot_id <> ?').run(bootId);
  })();
  return {
    insert: insertMinute,
    setOpen: (minute) => void open.run(minute.bootId, JSON.stringify(minute)),
  };
}
