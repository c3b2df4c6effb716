import type { Database, Statement } from 'better-sqlite3';
import type { Cursor, LoggedRows, OrderedLog, OrderedQuery, Placed } from '../../../core/store.ts';
import { parsed, type SampleRow, toSample, toVisit, type VisitRow } from '../tables/columns.ts';
import { type HourRow, type MinuteRow, toHour, toMinute } from '../tables/sums.ts';

/** Named parameters of a page. `from` is the start of the search in the index. */
interface PageValues {
  readonly from: number;
  readonly to: number;
  readonly ts: number;
  readonly n: number;
  readonly limit: number;
}

type ReadPage<Row> = (query: OrderedQuery) => readonly Placed<Row>[];

/** Prepares the reads of an export: pages of rows, oldest first. */
export function createOrderedReader(database: Database): OrderedLog {
  const samples: Statement<[PageValues], SampleRow & { n: number; boot_id: string }> = database.prepare(
    `SELECT page.n, ts, boot_id, track, label, reason, probability, labels, probabilities, happy_share, score, frames
     FROM (
       SELECT * FROM samples WHERE ts >= @from AND ts < @to AND (ts, n) > (@ts, @n) ORDER BY ts, n LIMIT @limit
     ) AS page
     JOIN label_sets ON label_sets.n = page.label_set JOIN boots ON boots.n = page.boot ORDER BY ts, page.n`,
  );
  const visits = byStart<VisitRow>(database, 'visits', 'started_at');
  const minutes = byStart<MinuteRow>(database, 'minutes', 'started_at');
  const hours = byStart<HourRow>(database, 'hours', 'start');
  const labelSets = database.prepare<[], string>('SELECT labels FROM label_sets ORDER BY n').pluck();
  const pages: { readonly [Table in keyof LoggedRows]: ReadPage<LoggedRows[Table]> } = {
    samples: (query) =>
      samples
        .all(valuesOf(query))
        .map((row) => ({ row: { ...toSample(row), bootId: row.boot_id }, at: { ts: row.ts, n: row.n } })),
    visits: (query) => visits.all(valuesOf(query)).map((row) => placed(row, toVisit(row))),
    minutes: (query) => minutes.all(valuesOf(query)).map((row) => placed(row, toMinute(row))),
    hours: (query) => hours.all(valuesOf(query)).map((row) => placed(row, toHour(row))),
  };
  return {
    rowsInOrder: (table, query) => pages[table](query),
    labels: () => [...new Set(labelSets.all().flatMap((text) => parsed<string[]>(text)))],
  };
}

/** The place of a raw row. */
interface Place {
  readonly place: number;
  readonly n: number;
}

function byStart<Row>(database: Database, table: string, start: string): Statement<[PageValues], Row & Place> {
  return database.prepare(
    `SELECT *, ${start} AS place FROM ${table} WHERE ${start} >= @from AND ${start} < @to AND (${start}, n) > (@ts, @n)
     ORDER BY ${start}, n LIMIT @limit`,
  );
}

function placed<Row>({ place: ts, n }: Place, row: Row): Placed<Row> {
  return { row, at: { ts, n } };
}

function valuesOf({ from, to, limit, after }: OrderedQuery): PageValues {
  const { ts, n }: Cursor = after ?? { ts: from, n: Number.MIN_SAFE_INTEGER };
  return { from: Math.max(from, ts), to, ts, n, limit };
}
