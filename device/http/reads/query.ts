import type { Cursor } from '../../core/store.ts';
import type { Bucket } from '../schemas/history.ts';

/** A page of rows, or all rows of a range as CSV; both newest first. */
export interface RowsRead {
  readonly table: 'samples' | 'visits';
  readonly format: 'json' | 'csv';
  /** Wall clock, ms; `to` is exclusive. */
  readonly from: number;
  readonly to: number;
  /** Rows of a page; undefined: all of them (CSV). */
  readonly limit: number | undefined;
  readonly label: string | undefined;
  readonly before: Cursor | undefined;
}

/** What was logged in each bucket of a range. */
export interface HistoryRead {
  readonly table: 'history';
  readonly format: 'json' | 'csv';
  readonly from: number;
  readonly to: number;
  readonly bucket: Bucket;
  readonly tz: string;
  readonly label: string | undefined;
}

/** A question to the log whose answer may be large, or take long to find. */
export type ReadQuery = RowsRead | HistoryRead;

/** First piece of an answer: its entity tag; CSV has none. */
interface ReadHead {
  readonly tag: string | undefined;
}

/** Pieces of an answer: the head, then text. Undefined: one slice of the search has ended without a piece. */
export type ReadPiece = ReadHead | string | undefined;
