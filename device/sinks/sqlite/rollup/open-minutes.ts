import type { Database, Statement } from 'better-sqlite3';
import type { Minute } from '../../../core/types.ts';
import { parsed } from '../tables/columns.ts';
import { add, noSums } from './add.ts';

const minuteMs = 60_000;

/** Snapshot of a minute in progress. */
export interface OpenMinute {
  readonly minute: Minute;
  /** Number (`seq`) of the last visit in it. */
  readonly lastVisit: number;
}

interface OpenRow {
  readonly minute: string;
  readonly afterSample: number | null;
  readonly afterVisit: number | null;
  readonly sampleMs: number | null;
  readonly boot: number;
}

/** Rows of a boot that were logged after its snapshot, at most a full backlog. The numbers of its newest visits are near the highest one. */
const samplesAfter = `SELECT ts, label, count(*) AS count FROM samples
  WHERE n > @after AND n <= @after + 50000 AND boot = @boot AND ts >= @from GROUP BY ts, label ORDER BY ts`;
const visitsAfter = `SELECT dominant, count(*) AS visits, sum(dwell_ms) AS dwellMs FROM
  (SELECT boot_id, seq, dominant, dwell_ms FROM visits ORDER BY n DESC LIMIT 1000) WHERE boot_id = ? AND seq > ? GROUP BY dominant`;

/**
 * Prepares a read of the minutes in progress that are no record yet: each as its snapshot says, with the samples and visits that were logged
 * after it. So a kill loses only what was not logged.
 */
export function createOpenMinutes(database: Database): () => Minute[] {
  const open: Statement<[], OpenRow> = database.prepare(
    `SELECT minute, after_sample AS afterSample, after_visit AS afterVisit, sample_ms AS sampleMs, boots.n AS boot
     FROM open_minutes JOIN boots USING (boot_id) LEFT JOIN minute_boots ON minute_boots.boot = boots.n
     WHERE NOT EXISTS (SELECT 1 FROM minutes WHERE id = json_extract(minute, '$.id'))`,
  );
  const samples: Statement<
    [{ after: number; boot: number; from: number }],
    { ts: number; label: string; count: number }
  > = database.prepare(samplesAfter);
  const visits: Statement<[string, number], { dominant: string; visits: number; dwellMs: number }> =
    database.prepare(visitsAfter);
  return () =>
    open.all().map((row) => {
      const minute = parsed<Minute>(row.minute);
      const { afterSample, afterVisit, boot, sampleMs } = row;
      if (afterSample === null || afterVisit === null) return minute;
      const seen = samples.all({ after: afterSample, boot, from: minute.endedAt });
      const ended = visits.all(minute.bootId, afterVisit);
      return withRows(minute, { seen, ended, sampleMs: sampleMs ?? 1000 });
    });
}

interface Rows {
  readonly seen: readonly { readonly ts: number; readonly label: string; readonly count: number }[];
  readonly ended: readonly { readonly dominant: string; readonly visits: number; readonly dwellMs: number }[];
  readonly sampleMs: number;
}

function withRows(minute: Minute, { seen, ended, sampleMs }: Rows): Minute {
  const last = seen.at(-1);
  // A clock that was set meanwhile may be years away.
  const watchedMs = last ? Math.min(last.ts + sampleMs - minute.endedAt, Math.max(0, minuteMs - minute.durationMs)) : 0;
  const rows = [
    ...seen.map(({ label, count }) => ({ ...noSums, shownMs: { [label]: count * sampleMs } })),
    ...ended.map(({ dominant, visits, dwellMs }) => ({
      ...noSums,
      visitsEnded: visits,
      dwellMs,
      ended: { [dominant]: { visits, dwellMs } },
    })),
  ];
  const spent = { ...noSums, durationMs: watchedMs, watchedMs };
  return { ...minute, ...rows.reduce(add, add(minute, spent)), endedAt: minute.endedAt + watchedMs };
}
