import { uncertain } from '../../../../device/core/labels.ts';
import type { History } from '../answers.ts';

/** One hour, day or week, also where nothing was logged in it: one column of the charts. */
export type Column = History['buckets'][number];

export interface Summary {
  readonly visits: number;
  /** `undefined` where nobody came. */
  readonly meanStayMs: number | undefined;
  /** The expression that was seen most, with its share of all samples; `uncertain` is none. */
  readonly mostSeen: { readonly label: string; readonly share: number } | undefined;
}

export function summarise(columns: readonly Column[]): Summary {
  const visits = columns.reduce((sum, column) => sum + column.visits, 0);
  const dwellMs = columns.reduce((sum, column) => sum + column.dwellMs, 0);
  const counts = new Map<string, number>();
  for (const column of columns) {
    for (const [label, count] of Object.entries(column.counts)) counts.set(label, (counts.get(label) ?? 0) + count);
  }
  const all = totalOf(Object.fromEntries(counts));
  const [most] = [...counts].filter(([label]) => label !== uncertain).sort(([, one], [, other]) => other - one);
  return {
    visits,
    meanStayMs: visits > 0 ? dwellMs / visits : undefined,
    mostSeen: most && all > 0 ? { label: most[0], share: most[1] / all } : undefined,
  };
}

export function totalOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/** Per label, bottom first: the share that it and all labels before it have of each column; `null` where it is empty. */
export function cumulativeShares(
  columns: readonly Column[],
  labels: readonly string[],
): ReadonlyMap<string, ReadonlyArray<number | null>> {
  const totals = columns.map(({ counts }) => totalOf(counts));
  const below = columns.map(() => 0);
  return new Map(
    labels.map((label) => [
      label,
      columns.map(({ counts }, at) => {
        if (totals[at] === 0) return null;
        below[at] = below[at]! + (counts[label] ?? 0) / totals[at]!;
        return below[at]!;
      }),
    ]),
  );
}
