/** Numbers as a table for people. */
export function table(title: string, rows: readonly Readonly<Record<string, string | number>>[]): string {
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
  return typeof value === 'number' ? value.toFixed(value >= 100 ? 0 : 2) : value;
}

/** The q-quantile (0..1) of unsorted values, by nearest rank. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}
