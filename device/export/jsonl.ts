import { type Column, timeText } from './columns.ts';
import type { Encoder } from './encoder.ts';

/** JSON Lines: every line has all columns, in their order. Times are ISO 8601. */
export function jsonlEncoder<Row>(columns: readonly Column<Row>[]): Encoder<Row> {
  const cells = columns.map(({ name, type, of }) => {
    const key = JSON.stringify(name);
    return (row: Row) => {
      const value = of(row) ?? null;
      return `${key}:${JSON.stringify(type === 'time' && typeof value === 'number' ? timeText(value) : value)}`;
    };
  });
  const lineOf = (row: Row) => `{${cells.map((of) => of(row)).join(',')}}\n`;
  return {
    begin: () => '',
    add: (rows) => rows.map(lineOf).join(''),
    end: () => '',
  };
}
