import type { Database, Statement } from 'better-sqlite3';
import type { Cursor, History, OrderedLog, Outbox, OutboxRecord, RowQuery, Rows } from '../../../core/store.ts';
import { openDatabaseReadOnly } from '../opening/database.ts';
import { type MinuteRow, type SampleRow, toMinute, toSample, toVisit, type VisitRow } from '../tables/columns.ts';
import { createOrderedReader } from './in-order.ts';

/** Named parameters of a page of rows. */
interface PageValues {
  readonly from: number;
  readonly ts: number;
  readonly n: number;
  readonly label: string | null;
  readonly limit: number;
}

export type Reader = History & Pick<Outbox, 'waiting'>;

/** Prepares the reads of an open database. */
export function createReader(database: Database): Reader {
  const samples: Statement<[PageValues], SampleRow & { n: number }> = database.prepare(
    `SELECT newest.n, ts, track, label, reason, probability, labels, probabilities, happy_share, score, frames
     FROM (
       SELECT * FROM samples WHERE ts >= @from AND ts <= @ts AND (ts, n) < (@ts, @n) AND (@label IS NULL OR label = @label)
       ORDER BY ts DESC, n DESC LIMIT @limit
     ) AS newest
     JOIN label_sets ON label_sets.n = newest.label_set ORDER BY ts, newest.n`,
  );
  const visits: Statement<[PageValues], VisitRow & { n: number }> = database.prepare(
    `SELECT * FROM (
       SELECT * FROM visits WHERE started_at >= @from AND started_at <= @ts AND (started_at, n) < (@ts, @n)
         AND (@label IS NULL OR dominant = @label)
       ORDER BY started_at DESC, n DESC LIMIT @limit
     ) ORDER BY started_at, n`,
  );
  const keys: Record<'samples' | 'visits', Statement<[PageValues], Cursor>> = {
    samples: database.prepare(
      `SELECT ts, n FROM samples WHERE ts >= @from AND ts <= @ts AND (ts, n) < (@ts, @n) AND (@label IS NULL OR label = @label)
       ORDER BY ts DESC, n DESC LIMIT @limit - 1`,
    ),
    visits: database.prepare(
      `SELECT started_at AS ts, n FROM visits WHERE started_at >= @from AND started_at <= @ts AND (started_at, n) < (@ts, @n)
         AND (@label IS NULL OR dominant = @label)
       ORDER BY started_at DESC, n DESC LIMIT @limit - 1`,
    ),
  };
  const summary = createSummary(database);
  return {
    keys: (table, query) => keys[table].all(valuesOf(query)),
    samples: (query) => pageOf(samples.all(valuesOf(query)), query.limit, toSample, ({ ts, n }) => ({ ts, n })),
    visits: (query) =>
      pageOf(visits.all(valuesOf(query)), query.limit, toVisit, ({ started_at: ts, n }) => ({ ts, n })),
    waiting: createWaiting(database),
    summary,
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

/**
 * Visits and minutes each have the order of their rows. Between the kinds the end of the record decides, so that a minute
 * follows the visits that ended in it.
 */
function createWaiting(database: Database): (limit: number) => readonly OutboxRecord[] {
  const select = (table: string) => `SELECT * FROM ${table} WHERE published_at IS NULL ORDER BY n LIMIT ?`;
  const visits: Statement<[number], VisitRow> = database.prepare(select('visits'));
  const minutes: Statement<[number], MinuteRow> = database.prepare(select('minutes'));
  return (limit) => {
    const queues = {
      visits: visits.all(limit).map((row): OutboxRecord => ({ kind: 'visit', visit: toVisit(row) })),
      minutes: minutes.all(limit).map((row): OutboxRecord => ({ kind: 'minute', minute: toMinute(row) })),
    };
    return inOrder(queues.visits, queues.minutes).slice(0, limit);
  };
}

function inOrder(visits: readonly OutboxRecord[], minutes: readonly OutboxRecord[]): OutboxRecord[] {
  const merged: OutboxRecord[] = [];
  let next = 0;
  for (const minute of minutes) {
    while (next < visits.length && endOf(visits[next]!) <= endOf(minute)) merged.push(visits[next++]!);
    merged.push(minute);
  }
  return [...merged, ...visits.slice(next)];
}

function endOf(record: OutboxRecord): number {
  return record.kind === 'visit' ? record.visit.endedAt : record.minute.endedAt;
}

function createSummary(database: Database): History['summary'] {
  interface Span {
    readonly from: number;
    readonly to: number;
    readonly label: string | null;
  }
  const counts: Statement<[Span], { label: string; count: number }> = database.prepare(
    `SELECT label, count(*) AS count FROM samples
     WHERE ts >= @from AND ts < @to AND (@label IS NULL OR label = @label) GROUP BY label`,
  );
  const stays: Statement<[Span], { visits: number; dwellMs: number }> = database.prepare(
    `SELECT count(*) AS visits, coalesce(sum(dwell_ms), 0) AS dwellMs FROM visits
     WHERE started_at >= @from AND started_at < @to AND (@label IS NULL OR dominant = @label)`,
  );
  return ({ from, to, label }) => {
    const span = { from, to, label: label ?? null };
    const labels = counts.all(span);
    return {
      samples: labels.reduce((sum, { count }) => sum + count, 0),
      counts: Object.fromEntries(labels.map(({ label: name, count }) => [name, count])),
      ...stays.get(span)!,
    };
  };
}
