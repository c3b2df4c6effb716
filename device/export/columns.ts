/** A value of an exported row. Times are ms since 1970. */
type Cell = string | number | boolean | null;

/** `time`: UTC, with ms. */
type CellType = 'text' | 'integer' | 'number' | 'time' | 'boolean';

/** A column of an export. Every column may be empty in a row. */
export interface Column<Row> {
  readonly name: string;
  readonly type: CellType;
  /** The cell of a row; undefined is written as null. */
  readonly of: (row: Row) => Cell | undefined;
}

export function column<Row>(name: string, type: CellType, of: Column<Row>['of']): Column<Row> {
  return { name, type, of };
}

/** ISO 8601 in UTC with ms, for the formats without a type for times. */
export function timeText(ms: number): string {
  return new Date(ms).toISOString();
}
