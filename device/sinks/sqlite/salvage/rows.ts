import type { RawRow } from './leaf.ts';

/** The table of a row, recognised by its values alone: in a damaged file the start of a table may be lost. */
export type RowKind =
  | 'boots'
  | 'label_sets'
  | 'samples'
  | 'visits'
  | 'stays'
  | 'minutes'
  | 'hours'
  | 'open_minutes'
  | 'unrolled';

type Check = 'integer' | 'number' | 'text' | 'json' | 'null';

const orNull = (...checks: Check[]): readonly Check[] => [...checks, 'null'];

/** The columns in the order of the schema. The first is the number of the row, which SQLite stores as null. */
const shapes: readonly {
  readonly kind: RowKind;
  readonly columns: readonly (Check | readonly Check[])[];
  readonly min: number;
}[] = [
  { kind: 'boots', min: 3, columns: ['null', 'text', 'integer'] },
  { kind: 'label_sets', min: 2, columns: ['null', 'json'] },
  {
    kind: 'samples',
    min: 9,
    columns: [
      ...(['null', 'integer', 'integer', 'integer', 'text', 'integer', 'json', 'number', 'integer'] as const),
      ...[orNull('text'), orNull('number'), orNull('number')],
    ],
  },
  {
    kind: 'visits',
    min: 18,
    columns: [
      ...([
        'null',
        'text',
        'text',
        'integer',
        'integer',
        'integer',
        'integer',
        'integer',
        'text',
        'json',
        'json',
      ] as const),
      ...[orNull('number'), orNull('text'), orNull('number'), orNull('integer'), orNull('number')],
      ...(['integer'] as const),
      ...[orNull('integer'), orNull('integer')],
    ],
  },
  {
    kind: 'minutes',
    min: 20,
    columns: [
      ...(['null', 'text', 'text', ...integers(8), 'json', 'json', ...integers(3), 'text', 'text'] as const),
      ...[orNull('integer'), orNull('integer')],
    ],
  },
  { kind: 'hours', min: 14, columns: ['null', ...integers(8), 'json', 'json', ...integers(3)] },
  { kind: 'open_minutes', min: 2, columns: ['text', 'json', orNull('integer'), orNull('integer')] },
  { kind: 'unrolled', min: 4, columns: ['null', 'text', 'integer', 'integer'] },
];

function integers(count: number): readonly 'integer'[] {
  return Array.from({ length: count }, () => 'integer');
}

export function kindOf({ values }: RawRow): RowKind | undefined {
  const shape = shapes.find(
    ({ columns, min }) =>
      values.length >= min &&
      values.length <= columns.length &&
      values.every((value, index) => [columns[index]!].flat().some((check) => fits(value, check as Check))),
  );
  // Rows of `label_sets` and `stays` are both a number with a JSON text: a label set is a list, a stay an object.
  if (shape?.kind === 'label_sets' && String(values[1]).startsWith('{')) return 'stays';
  return shape?.kind;
}

function fits(value: string | number | null, check: Check): boolean {
  if (check === 'null') return value === null;
  if (check === 'text') return typeof value === 'string';
  if (check === 'json') return typeof value === 'string' && isJson(value);
  return typeof value === 'number' && (check === 'integer' ? Number.isSafeInteger(value) : Number.isFinite(value));
}

function isJson(text: string): boolean {
  if (!/^[[{]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
