import type { ExportTable } from '../core/exports.ts';
import { uncertain } from '../core/labels.ts';
import type { Cursor, LoggedRows, OrderedLog } from '../core/store.ts';
import { type Column, column } from './columns.ts';
import type { Encoder, ExportAbout, Piece } from './encoder.ts';
import { type TableOfLog, tables } from './tables.ts';

/** Rows per read: a few ms. */
const pageRows = 500;

/** Makes the encoder of a format. */
export type MakeEncoder = <Row>(columns: readonly Column<Row>[], about: ExportAbout) => Encoder<Row>;

export interface RowsOrder {
  readonly log: OrderedLog;
  readonly table: ExportTable;
  readonly about: Omit<ExportAbout, 'table'>;
  /** Called with the number of rows so far. */
  readonly onRows?: (count: number) => void;
}

/**
 * The rows of a range in a format, oldest first, in pieces; undefined after a step without a piece. Each step reads one page in
 * a transaction of its own, so that a slow reader keeps no snapshot of the database. A row is contained once. A row that is
 * written meanwhile is contained if its time is in the range and later than the rows read so far.
 */
export function exportRows(order: RowsOrder, makeEncoder: MakeEncoder): Generator<Piece | undefined> {
  // Each entry of `tables` fits the rows of its own table; TypeScript cannot follow that through a union.
  return rowsOf(order, tables[order.table] as TableOfLog<LoggedRows[ExportTable]>, makeEncoder);
}

function* rowsOf<Row extends LoggedRows[ExportTable]>(
  order: RowsOrder,
  table: TableOfLog<Row>,
  makeEncoder: MakeEncoder,
): Generator<Piece | undefined> {
  const { about, onRows } = order;
  const labels = new Set(order.log.labels());
  if (table.mayHaveNewLabels) {
    for (const rows of pagesOf<Row>(order)) {
      for (const row of rows) for (const label of labelsOf(table, row)) labels.add(label);
      yield undefined;
    }
  }
  const encoder = makeEncoder(columnsOf(table, about.device, labels), { ...about, table: order.table });
  yield filled(encoder.begin());
  let count = 0;
  for (const rows of pagesOf<Row>(order)) {
    const piece = encoder.add(rows);
    count += rows.length;
    onRows?.(count);
    yield filled(piece);
  }
  yield filled(encoder.end());
}

function filled(piece: Piece): Piece | undefined {
  return piece.length > 0 ? piece : undefined;
}

function* pagesOf<Row>({ log, table, about: { from, to } }: RowsOrder): Generator<readonly Row[]> {
  for (let after: Cursor | undefined; ; ) {
    const page = log.rowsInOrder(table, { from, to, after, limit: pageRows });
    if (page.length === 0) return;
    yield page.map(({ row }) => row as Row);
    if (page.length < pageRows) return;
    after = page.at(-1)!.at;
  }
}

function labelsOf<Row>({ perLabel }: TableOfLog<Row>, row: Row): readonly string[] {
  return perLabel.flatMap(({ of }) => Object.keys(of(row)));
}

function columnsOf<Row>(
  { columns, perLabel }: TableOfLog<Row>,
  device: string,
  labels: ReadonlySet<string>,
): readonly Column<Row>[] {
  const named = [...labels].filter((label) => label !== uncertain);
  return [
    column<Row>('device', 'text', () => device),
    ...columns,
    ...perLabel.flatMap(({ prefix, type, of, otherwise, withUncertain }) =>
      (withUncertain ? [...named, uncertain] : named).map((label) =>
        column<Row>(`${prefix}_${label}`, type, (row) => of(row)[label] ?? otherwise),
      ),
    ),
  ];
}
