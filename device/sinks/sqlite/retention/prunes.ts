import type { Database } from 'better-sqlite3';
import { firstNumber } from '../tables/numbering.ts';

/** Unpublished visits beyond the newest of this many do not wait any longer for a broker that never comes. */
const outboxLimit = 100_000;
const dayMs = 86_400_000;

/** Deletes old rows of one open database; unpublished visits stay. */
export interface Prunes {
  /** Looks up what may go of the rows before `due`; returns the time of the oldest of them. */
  begin(due: number, now: number): { samples: number | undefined; visits: number | undefined };
  /** Deletes up to `limit` rows of each kind from before these times; returns how many. */
  run(before: { samples: number; visits: number }, now: number, limit: number): number;
}

interface Bounds {
  /** Rows with a higher number were logged after `due`, whatever their time says. */
  readonly samples: number;
  readonly visits: number;
  /** Rows up to this number were logged before `due`, also where their time says that they are still to come. */
  readonly oldSamples: number;
  readonly oldVisits: number;
}

export function createPrunes(database: Database, { keepUnpublished }: { keepUnpublished: boolean }): Prunes {
  const isDone = keepUnpublished
    ? `(published_at IS NOT NULL OR n BETWEEN ${firstNumber} AND (SELECT max(n) FROM visits) - ${outboxLimit})`
    : 'TRUE';
  const bounds = database.prepare<[{ due: number; now: number }], Bounds>(
    `SELECT
       coalesce(min(iif(seen_at >= @due, samples, NULL)), 9e15) AS samples,
       coalesce(min(iif(seen_at >= @due, visits, NULL)), 9e15) AS visits,
       coalesce(max(iif(seen_at < @due, samples, NULL)), 0) AS oldSamples,
       coalesce(max(iif(seen_at < @due, visits, NULL)), 0) AS oldVisits
     FROM clock_marks WHERE seen_at <= @now`,
  );
  const oldest = {
    samples: database
      .prepare<[number, number], number>('SELECT ts FROM samples WHERE ts < ? AND n <= ? ORDER BY ts LIMIT 1')
      .pluck(),
    visits: database
      .prepare<[number, number], number>(
        `SELECT started_at FROM visits WHERE started_at < ? AND n <= ? AND ${isDone} ORDER BY started_at LIMIT 1`,
      )
      .pluck(),
  };
  const rows = (table: string, ts: string, when: string) =>
    database.prepare<[number, number, number]>(
      `DELETE FROM ${table} WHERE n IN (SELECT n FROM ${table} WHERE ${ts} AND n <= ? AND ${when} LIMIT ?)`,
    );
  const old = { samples: rows('samples', 'ts < ?', 'TRUE'), visits: rows('visits', 'started_at < ?', isDone) };
  const future = { samples: rows('samples', 'ts > ?', 'TRUE'), visits: rows('visits', 'started_at > ?', isDone) };
  let found: Bounds = { samples: 0, visits: 0, oldSamples: 0, oldVisits: 0 };

  return {
    begin(due, now) {
      found = bounds.get({ due, now })!;
      return { samples: oldest.samples.get(due, found.samples), visits: oldest.visits.get(due, found.visits) };
    },
    run: database.transaction((before: { samples: number; visits: number }, now: number, limit: number) => {
      const results = [
        old.samples.run(before.samples, found.samples, limit),
        old.visits.run(before.visits, found.visits, limit),
        future.samples.run(now + dayMs, found.oldSamples, limit),
        future.visits.run(now + dayMs, found.oldVisits, limit),
      ];
      return results.reduce((deleted, { changes }) => deleted + changes, 0);
    }),
  };
}
