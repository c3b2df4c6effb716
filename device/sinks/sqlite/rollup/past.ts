import type { Database } from 'better-sqlite3';
import type { Minute } from '../../../core/types.ts';
import { neverSent } from '../outbox/bound.ts';
import { createMinuteInsert } from '../outbox/minutes.ts';
import type { Sums } from '../tables/sums.ts';
import { add, noSums } from './add.ts';
import type { Unrolled } from './unrolled.ts';

const minuteMs = 60_000;
/** Rows of one transaction: about 10 ms. */
const rowsAtOnce = { samples: 2000, visits: 500 } as const;

/**
 * Makes minutes of the rows of an older Mien that wrote none, piece by piece. Each piece writes its minutes, which are never published,
 * and moves the start of the rest in one transaction.
 */
export interface PastRollup {
  /** Rolls up one piece. Returns false where nothing is left. */
  step(): boolean;
}

export function createPastRollup(database: Database, sampleMs: number): PastRollup {
  const next = database.prepare<[], Unrolled>('SELECT n, kind, first, last FROM unrolled ORDER BY n LIMIT 1');
  const endOf = (table: Unrolled['kind']) =>
    database
      .prepare<[number, number, number], number>(
        `SELECT n FROM ${table} WHERE n >= ? AND n <= ? ORDER BY n LIMIT 1 OFFSET ?`,
      )
      .pluck();
  const ends = { samples: endOf('samples'), visits: endOf('visits') };
  const read = { samples: createSampleSums(database, sampleMs), visits: createVisitSums(database) };
  const insert = createMinuteInsert(database);
  const nextNumber = database.prepare<[], number>('SELECT coalesce(max(n), 0) + 1 FROM minutes').pluck();
  const shrink = database.prepare('UPDATE unrolled SET first = ? WHERE n = ?');
  const done = database.prepare('DELETE FROM unrolled WHERE n = ?');
  const step = database.transaction((rest: Unrolled) => {
    const { kind, first } = rest;
    const last = ends[kind].get(first, rest.last, rowsAtOnce[kind] - 1) ?? rest.last;
    for (const [start, sums] of read[kind](first, last)) {
      insert(minuteOf(nextNumber.get()!, start, sums), neverSent);
    }
    if (last < rest.last) shrink.run(last + 1, rest.n);
    else done.run(rest.n);
  });
  return {
    step() {
      const rest = next.get();
      if (rest) step(rest);
      return rest !== undefined;
    },
  };
}

/** The watched time is unknown, so the durations are 0. */
function minuteOf(seq: number, startedAt: number, sums: Sums): Minute {
  const identity = { id: `past-${seq}`, bootId: 'past', seq };
  return { ...identity, startedAt, endedAt: startedAt + minuteMs, ...sums, model: '', config: '' };
}

type SumsPerMinute = ReadonlyMap<number, Sums>;

function createSampleSums(database: Database, sampleMs: number): (first: number, last: number) => SumsPerMinute {
  const read = database.prepare<[number, number], { ts: number; label: string; count: number }>(
    'SELECT ts, label, count(*) AS count FROM samples WHERE n >= ? AND n <= ? GROUP BY ts, label',
  );
  return (first, last) => {
    const rows = read.all(first, last);
    // Samples of the same moment are faces in one picture.
    const people = new Map<number, number>();
    for (const { ts, count } of rows) people.set(ts, (people.get(ts) ?? 0) + count);
    return perMinute(rows, ({ ts, label, count }) => [
      { at: ts, people: people.get(ts)!, shownMs: { [label]: count * sampleMs } },
    ]);
  };
}

interface VisitEnds {
  readonly startedAt: number;
  readonly endedAt: number;
  readonly dwellMs: number;
  readonly dominant: string;
}

function createVisitSums(database: Database): (first: number, last: number) => SumsPerMinute {
  const read = database.prepare<[number, number], VisitEnds>(
    `SELECT started_at AS startedAt, ended_at AS endedAt, dwell_ms AS dwellMs, dominant FROM visits WHERE n >= ? AND n <= ?`,
  );
  return (first, last) =>
    perMinute(read.all(first, last), ({ startedAt, endedAt, dwellMs, dominant }) => [
      { at: startedAt, visitsBegun: 1 },
      { at: endedAt, visitsEnded: 1, dwellMs, ended: { [dominant]: { visits: 1, dwellMs } } },
    ]);
}

function perMinute<Row>(
  rows: readonly Row[],
  partsOf: (row: Row) => readonly (Partial<Sums> & { readonly at: number })[],
): SumsPerMinute {
  const minutes = new Map<number, Sums>();
  for (const { at, ...part } of rows.flatMap(partsOf)) {
    const start = Math.floor(at / minuteMs) * minuteMs;
    minutes.set(start, add(minutes.get(start) ?? noSums, { ...noSums, ...part }));
  }
  return minutes;
}
