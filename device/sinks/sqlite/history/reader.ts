import type { Database, Statement } from 'better-sqlite3';
import type { Cursor, History, HistoryTable, OrderedLog, RowQuery, Rows } from '../../../core/store.ts';
import { openDatabaseReadOnly } from '../opening/database.ts';
import { type SampleRow, toSample, toVisit, type VisitRow } from '../tables/columns.ts';
import { createOrderedReader } from './in-order.ts';
import { createSummary } from './summary.ts';
import { createWaiting, type Waiting } from './waiting.ts';

/** Named parameters of a page of rows. */
interface PageValues {
  readonly from: number;
  readonly ts: number;
  readonly n: number;
  readonly label: string | null;
  readonly limit: number;
}

export type Reader = History & { readonly waiting: Waiting };

/** SQL: the newest rows of a table, newest first, without the row before which a page ends. */
function newestRows(columns: string, table: HistoryTable, limit: string): string {
  const { time, label } = shapes[table];
  return `SELECT ${columns} FROM ${table} WHERE ${time} >= @from AND ${time} <= @ts AND (${time}, n) < (@ts, @n)
    AND (@label IS NULL OR ${label} = @label) ORDER BY ${time} DESC, n DESC LIMIT ${limit}`;
}

/** Column of the time by which the rows of a table are ordered, and of the label. */
const shapes: Readonly<Record<HistoryTable, { readonly time: string; readonly label: string }>> = {
  samples: { time: 'ts', label: 'label' },
  visits: { time: 'started_at', label: 'dominant' },
};

/** Prepares the reads of an open database. */
export function createReader(database: Database): Reader {
  const samples: Statement<[PageValues], SampleRow & { n: number }> = database.prepare(
    `SELECT newest.n, ts, track, label, reason, probability, labels, probabilities, happy_share, score, frames
     FROM (${newestRows('*', 'samples', '@limit')}) AS newest
     JOIN label_sets ON label_sets.n = newest.label_set ORDER BY ts, newest.n`,
  );
  const visits: Statement<[PageValues], VisitRow & { n: number }> = database.prepare(
    `SELECT * FROM (${newestRows('*', 'visits', '@limit')}) ORDER BY started_at, n`,
  );
  const keysOf = (table: HistoryTable): Statement<[PageValues], Cursor> =>
    database.prepare(newestRows(`${shapes[table].time} AS ts, n`, table, '@limit - 1'));
  const keys = { samples: keysOf('samples'), visits: keysOf('visits') };
  return {
    keys: (table, query) => keys[table].all(valuesOf(query)),
    samples: (query) => pageOf(samples.all(valuesOf(query)), query.limit, toSample, ({ ts, n }) => ({ ts, n })),
    visits: (query) =>
      pageOf(visits.all(valuesOf(query)), query.limit, toVisit, ({ started_at: ts, n }) => ({ ts, n })),
    waiting: createWaiting(database),
    summary: createSummary(database),
  };
}

/** The log in a database file. */
export type StoredLog = History & OrderedLog & { close(): void };

/** Opens the log for reading; works beside a running daemon. */
export function readStore(file: string): StoredLog {
  const database = openDatabaseReadOnly(file);
  return { ...createReader(database), ...createOrderedReader(database), close: () => database.close() };
}

/** Requests one row more than the limit, which shows whether there is a next page. Rows are numbered from 1. */
function valuesOf({ from, to, limit, label, before }: RowQuery): PageValues {
  const end = before && before.ts < to ? before : { ts: to, n: 0 };
  return { from, ...end, label: label ?? null, limit: limit + 1 };
}

function pageOf<Raw, Row>(
  found: readonly Raw[],
  limit: number,
  toRow: (raw: Raw) => Row,
  cursorOf: (raw: Raw) => Cursor,
): Rows<Row> {
  const kept = found.length > limit ? found.slice(-limit) : found;
  const next = found.length > limit ? cursorOf(kept[0]!) : undefined;
  return { rows: kept.map(toRow), next };
}
