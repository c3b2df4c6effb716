import type { Sample, Visit } from './types.ts';

/** Rows that must still reach the broker; SQLite is the outbox, so that an outage or a restart loses none. */
export interface VisitOutbox {
  /** Oldest first. */
  unpublished(limit: number): readonly Visit[];
  markPublished(visitId: string): void;
  /** Calls the listener when a visit has been added. It must return at once and must not throw. Returns the unsubscribe function. */
  subscribe(listener: (visit: Visit) => void): () => void;
}

/** Where a page of rows ends: the oldest row on it. */
export interface Cursor {
  readonly ts: number;
  /** Number of the row, which tells rows of the same moment apart. */
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

/** The newest rows that a query asks for, oldest first. */
export interface Rows<Row> {
  readonly rows: readonly Row[];
  /** Set where there are older ones. */
  readonly next?: Cursor;
}

/** What happened in a span of time. */
export interface Summary {
  readonly samples: number;
  /** Samples per label. */
  readonly counts: Readonly<Record<string, number>>;
  /** Visits that began in it. */
  readonly visits: number;
  /** Of these visits together. */
  readonly dwellMs: number;
}

/** Reading side of the log, for the pages and the API. Times are wall-clock ms; `to` is exclusive. */
export interface History {
  /** Keys of the rows that `samples` or `visits` would return, newest first; answered from an index, in microseconds a row. */
  keys(table: 'samples' | 'visits', query: RowQuery): readonly Cursor[];
  samples(query: RowQuery): Rows<Sample>;
  visits(query: RowQuery): Rows<Visit>;
  /** Reads every sample of the span: to be asked for hours, not for months, because it blocks meanwhile. */
  summary(span: { from: number; to: number; label?: string }): Summary;
}
