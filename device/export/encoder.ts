/** Text or bytes of a file. An empty piece says that nothing is complete yet. */
export type Piece = string | Uint8Array<ArrayBuffer>;

/** Writes rows in a format, piece by piece, so that the file is never held as a whole. */
export interface Encoder<Row> {
  begin(): Piece;
  add(rows: readonly Row[]): Piece;
  end(): Piece;
}

/** Metadata of a file, where the format has a place for it. */
export interface ExportAbout {
  readonly table: string;
  /** Name of the device. */
  readonly device: string;
  /** Version of Mien. */
  readonly version: string;
  /** Wall clock, ms. */
  readonly madeAt: number;
  readonly from: number;
  readonly to: number;
}

/** Version of the columns: raised when one is renamed, removed or gets another meaning. A new column does not raise it. */
export const columnsVersion = 1;
