import type { Bucket } from '../../contract/history.ts';
import type { ExportFormat, ExportTable } from '../../core/exports.ts';
import type { Cursor } from '../../core/store.ts';
import type { ExportAbout, Piece } from '../../export/encoder.ts';

/** A page of rows, or all rows of a range as CSV, newest first. */
export interface RowsRead {
  readonly table: 'samples' | 'visits';
  readonly format: 'json' | 'csv';
  /** Wall clock, ms; `to` is exclusive. */
  readonly from: number;
  readonly to: number;
  /** Rows of a page; undefined for all rows (CSV). */
  readonly limit: number | undefined;
  readonly label: string | undefined;
  readonly before: Cursor | undefined;
}

/** The summary of each bucket of a range. */
export interface HistoryRead {
  readonly table: 'history';
  readonly format: 'json' | 'csv';
  readonly from: number;
  readonly to: number;
  readonly bucket: Bucket;
  readonly tz: string;
  readonly label: string | undefined;
}

/** A table as a file. */
export interface ExportRead {
  readonly table: 'export';
  readonly rows: ExportTable;
  readonly format: ExportFormat;
  readonly about: Omit<ExportAbout, 'table'>;
}

/** A query to the log whose answer may be large or slow. */
export type ReadQuery = RowsRead | HistoryRead | ExportRead;

/** First piece of an answer: its entity tag; a file has none. */
interface ReadHead {
  readonly tag: string | undefined;
}

/** Pieces of an answer: the head, then text or bytes. Undefined after a slice of the search without a result. */
export type ReadPiece = ReadHead | Piece | undefined;
