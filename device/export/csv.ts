import { type Column, timeText } from './columns.ts';
import type { Encoder } from './encoder.ts';

/** A cell of RFC 4180. An apostrophe keeps spreadsheets from reading a text as a formula. */
function cell(value: unknown): string {
  const text = value === undefined || value === null ? '' : String(value);
  const safe = typeof value === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function csvLine(values: readonly unknown[]): string {
  return `${values.map(cell).join(',')}\r\n`;
}

/** CSV with a line of names. Times are ISO 8601; an empty cell is null. */
export function csvEncoder<Row>(columns: readonly Column<Row>[]): Encoder<Row> {
  const cells = columns.map(({ type, of }) => (row: Row) => {
    const value = of(row);
    return type === 'time' && typeof value === 'number' ? timeText(value) : value;
  });
  return {
    begin: () => csvLine(columns.map(({ name }) => name)),
    add: (rows) => rows.map((row) => csvLine(cells.map((of) => of(row)))).join(''),
    end: () => '',
  };
}
