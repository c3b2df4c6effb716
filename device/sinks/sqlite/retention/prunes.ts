import type { Database } from 'better-sqlite3';
import { hourMs } from '../rollup/hours.ts';
import { firstNumber } from '../tables/numbering.ts';

const dayMs = 86_400_000;
/** Span of old minutes, and of minutes of a clock that was ahead, that one transaction deletes: whole hours, because an hour counts once its last minute is gone. */
const minutesSpanMs = 12 * hourMs;
/** Maximum number of old rows of a table that one step looks at: with a full outbox most of them must stay. */
const rowsLookedAt = 3000;

export const kinds = ['samples', 'visits', 'minutes', 'hours'] as const;
export type Kind = (typeof kinds)[number];

/** Days that the rows of each kind are kept. */
export type Keep = Readonly<Record<`${Kind}Days`, number>>;

/** Deletes the old rows of one table. Rows that are not rolled up or not published yet stay. */
interface Prune {
  /** Finds the rows before `due` that may be deleted; returns the time of the oldest one. */
  begin(due: number, now: number): number | undefined;
  /** Deletes up to `limit` rows older than `before`, and up to `limit` rows of a clock that was ahead; returns the number of deleted rows. */
  run(before: number, now: number, limit: number): number;
}

export type Prunes = Readonly<Record<Kind, Prune>>;

export interface PrunesOptions {
  /** Whether unpublished rows stay, up to `outboxLimit` visits. */
  readonly keepUnpublished: boolean;
  readonly outboxLimit: number;
}

export function createPrunes(database: Database, { keepUnpublished, outboxLimit }: PrunesOptions): Prunes {
  const isRolledUp = (kind: 'samples' | 'visits') =>
    `n < coalesce((SELECT min(first) FROM unrolled WHERE kind = '${kind}'), 9e15)`;
  const isPublished = keepUnpublished
    ? `(published_at IS NOT NULL OR n BETWEEN ${firstNumber} AND (SELECT max(n) FROM visits) - ${outboxLimit})`
    : 'TRUE';
  return {
    samples: createPrune(database, { table: 'samples', time: 'ts', columns: 'n', isDone: isRolledUp('samples') }),
    visits: createPrune(database, {
      table: 'visits',
      time: 'started_at',
      columns: 'n, published_at',
      isDone: `${isRolledUp('visits')} AND ${isPublished}`,
    }),
    minutes: createMinutesPrune(database, keepUnpublished),
    hours: createHoursPrune(database),
  };
}

interface Bounds {
  /** Rows with a higher number were logged after `due`, even if their time is earlier. */
  readonly until: number;
  /** Rows up to this number were logged before `due`, even if their time is in the future. */
  readonly old: number;
}

function createBounds(database: Database, table: 'samples' | 'visits' | 'minutes') {
  return database.prepare<[{ due: number; now: number }], Bounds>(
    `SELECT coalesce(min(iif(seen_at >= @due, ${table}, NULL)), 9e15) AS until,
       coalesce(max(iif(seen_at < @due, ${table}, NULL)), 0) AS old
     FROM clock_marks WHERE seen_at <= @now`,
  );
}

interface Rows {
  readonly table: 'samples' | 'visits';
  readonly time: string;
  /** Columns that `isDone` reads. */
  readonly columns: string;
  /** SQL: rows that may be deleted. */
  readonly isDone: string;
}

function createPrune(database: Database, { table, time, columns, isDone }: Rows): Prune {
  const bounds = createBounds(database, table);
  const candidates = (order: string) =>
    `(SELECT ${time}, ${columns} FROM ${table} WHERE ${time} ${order} ? AND n <= ? ORDER BY ${time} LIMIT ${rowsLookedAt})`;
  const oldest = database
    .prepare<[number, number], number>(
      `SELECT ${time} FROM ${candidates('<')} WHERE ${isDone} ORDER BY ${time} LIMIT 1`,
    )
    .pluck();
  const remove = (order: string) =>
    database.prepare<[number, number, number]>(
      `DELETE FROM ${table} WHERE n IN (SELECT n FROM ${candidates(order)} WHERE ${isDone} LIMIT ?)`,
    );
  const removeOld = remove('<');
  const removeFuture = remove('>');
  let found: Bounds = { until: 0, old: 0 };
  return {
    begin(due, now) {
      found = bounds.get({ due, now })!;
      return oldest.get(due, found.until);
    },
    run: database.transaction(
      (before: number, now: number, limit: number) =>
        removeOld.run(before, found.until, limit).changes + removeFuture.run(now + dayMs, found.old, limit).changes,
    ),
  };
}

/** Minutes go by the rows of `hours` that have them, so that an hour is either all there or all summed up. */
function createMinutesPrune(database: Database, keepUnpublished: boolean): Prune {
  const bounds = createBounds(database, 'minutes');
  const firstUnpublished = keepUnpublished ? '(SELECT min(n) FROM minutes WHERE published_at IS NULL)' : 'NULL';
  const lastWhole = database
    .prepare<[number], number>(
      `SELECT coalesce(max(last_minute), 0) FROM hours WHERE last_minute <= ? AND last_minute < coalesce(${firstUnpublished}, 9e15)`,
    )
    .pluck();
  const oldest = database
    .prepare<[number, number], number>(
      'SELECT started_at FROM minutes WHERE started_at < ? AND n <= ? ORDER BY started_at LIMIT 1',
    )
    .pluck();
  const removeOld = database.prepare<[number, number]>('DELETE FROM minutes WHERE started_at < ? AND n <= ?');
  const firstFuture = database
    .prepare<[number, number], number>(
      'SELECT started_at FROM minutes WHERE started_at >= ? AND n <= ? ORDER BY started_at LIMIT 1',
    )
    .pluck();
  const removeFuture = database.prepare<[number, number, number]>(
    'DELETE FROM minutes WHERE started_at >= ? AND started_at < ? AND n <= ?',
  );
  let found: Bounds = { until: 0, old: 0 };
  return {
    begin(due, now) {
      const { until, old } = bounds.get({ due, now })!;
      found = { until: lastWhole.get(until)!, old: lastWhole.get(old)! };
      return oldest.get(due, found.until);
    },
    run: database.transaction((before: number, now: number) => {
      const first = oldest.get(before, found.until) ?? before;
      const wholeHours = Math.floor(Math.min(before, first + minutesSpanMs) / hourMs) * hourMs;
      const future = Math.ceil((now + dayMs) / hourMs) * hourMs;
      const ahead = Math.floor((firstFuture.get(future, found.old) ?? future) / hourMs) * hourMs;
      return (
        removeOld.run(wholeHours, found.until).changes +
        removeFuture.run(ahead, ahead + minutesSpanMs, found.old).changes
      );
    }),
  };
}

/** Hours whose minutes are gone. The last row stays: it says which minutes are summed up. */
function createHoursPrune(database: Database): Prune {
  const isDone = `n < (SELECT max(n) FROM hours) AND last_minute < coalesce((SELECT min(n) FROM minutes), 0)`;
  const oldest = database
    .prepare<[number], number>(`SELECT start FROM hours WHERE start < ? AND ${isDone} ORDER BY start LIMIT 1`)
    .pluck();
  const remove = database.prepare<[number, number, number]>(
    `DELETE FROM hours WHERE n IN (SELECT n FROM hours WHERE (start < ? OR start > ?) AND ${isDone} LIMIT ?)`,
  );
  return {
    begin: (due) => oldest.get(due),
    run: (before, now, limit) => remove.run(before, now + dayMs, limit).changes,
  };
}
