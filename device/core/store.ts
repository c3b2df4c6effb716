import type { Hour, Minute, Sample, Visit } from './types.ts';

/** A record that must reach the broker. */
export type OutboxRecord =
  | { readonly kind: 'visit'; readonly visit: Visit }
  | { readonly kind: 'minute'; readonly minute: Minute };

/** Id of the record; unique over kinds and restarts. */
export function idOf(record: OutboxRecord): string {
  return record.kind === 'visit' ? record.visit.id : record.minute.id;
}

/** The records that the broker has not acknowledged. */
export interface OutboxCondition {
  readonly waiting: number;
  /** When the oldest of them was made, wall clock ms. Absent if none waits. */
  readonly oldestTs?: number;
  /** Records of all time that were dropped unsent, because the outbox was full. */
  readonly lost: number;
}

/** Records that must still reach the broker. SQLite is the outbox, so that an outage or a restart loses none. */
export interface Outbox {
  /** Oldest first. @param kind only these; default: all */
  waiting(limit: number, kind?: OutboxRecord['kind']): readonly OutboxRecord[];
  markPublished(records: readonly OutboxRecord[]): void;
  /** Calls the listener when a record has been added. It must return at once and must not throw. Returns the unsubscribe function. */
  subscribe(listener: (record: OutboxRecord) => void): () => void;
}

/** The end of a page of rows: the oldest row on it. */
export interface Cursor {
  readonly ts: number;
  /** Number of the row, which distinguishes rows with the same time. */
  readonly n: number;
}

export interface RowQuery {
  /** Wall clock, ms. */
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
  readonly limit: number;
  /** Only rows of this label; visits by the dominant one. */
  readonly label?: string;
  /** Only rows older than this one. */
  readonly before?: Cursor;
}

/** The newest rows that match a query, oldest first. */
export interface Rows<Row> {
  readonly rows: readonly Row[];
  /** Set where older rows exist. */
  readonly next?: Cursor;
}

/** Counts over a span of time. A span that begins or ends within a minute has the minutes that begin in it. */
export interface Summary {
  readonly samples: number;
  /** Face-time per label, in sampling intervals (`store.sampleMs`). */
  readonly counts: Readonly<Record<string, number>>;
  /** Visits that ended in it. */
  readonly visits: number;
  /** Total dwell of these visits. */
  readonly dwellMs: number;
}

export type HistoryTable = 'samples' | 'visits';

/** Read access to the log, for the pages and the API. Times are wall-clock ms; `to` is exclusive. */
export interface History {
  /** Keys of the rows that the method of this name would return, newest first; answered from an index, in microseconds a row. */
  keys(table: HistoryTable, query: RowQuery): readonly Cursor[];
  samples(query: RowQuery): Rows<Sample>;
  visits(query: RowQuery): Rows<Visit>;
  /** From the minutes, and the hours where the minutes are deleted. Blocks meanwhile: for spans of hours, not of months. */
  summary(span: { from: number; to: number; label?: string }): Summary;
}

/** A row of the log and its place in the order of time. */
export interface Placed<Row> {
  readonly row: Row;
  readonly at: Cursor;
}

/** The rows of each table, with everything that identifies them beside rows of other boots. */
export interface LoggedRows {
  readonly samples: Sample & { readonly bootId: string };
  readonly visits: Visit;
  /** Those with a duration of 0 are made of the samples of an older Mien. */
  readonly minutes: Minute;
  readonly hours: Hour;
}

export interface OrderedQuery {
  /** Wall clock, ms. */
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
  readonly limit: number;
  /** Only rows later in the order than this one. */
  readonly after?: Cursor | undefined;
}

/** The log in the order of time, for exports. */
export interface OrderedLog {
  /** Rows of a range, oldest first; all but samples by their start. */
  rowsInOrder<Table extends keyof LoggedRows>(table: Table, query: OrderedQuery): readonly Placed<LoggedRows[Table]>[];
  /** The labels of all models that wrote samples, in the order of the models. */
  labels(): readonly string[];
}
