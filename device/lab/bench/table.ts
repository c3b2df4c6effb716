export type Row = Readonly<Record<string, string | number>>;

/** Numbers as a table for people; the columns are those of the first row. */
export function table(title: string, rows: readonly Row[]): string {
  const columns = Object.keys(rows[0] ?? {});
  const text = rows.map((row) => columns.map((column) => show(row[column] ?? '')));
  const widths = columns.map((column, i) => Math.max(column.length, ...text.map((cells) => cells[i]!.length)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => cell.padEnd(widths[i]!))
      .join('  ')
      .trimEnd();
  return [`\n${title}`, line(columns), line(widths.map((width) => '-'.repeat(width))), ...text.map(line), ''].join(
    '\n',
  );
}

function show(value: string | number): string {
  if (typeof value === 'string') return value;
  if (!Number.isFinite(value)) return '-';
  return Number.isInteger(value) ? String(value) : value.toFixed(Math.abs(value) >= 100 ? 0 : 2);
}
