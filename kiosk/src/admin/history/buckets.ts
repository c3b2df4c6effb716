import { dominantOf } from '../../../../device/core/labels.ts';
import { sumOf, totalOf } from '../../expression/counts.ts';
import type { History } from '../answers.ts';

export { totalOf };

/** One hour, day or week, also if nothing was logged in it: one column of the charts. */
export type Column = History['buckets'][number];

export interface Summary {
  readonly visits: number;
  /** `undefined` without visits. */
  readonly meanStayMs: number | undefined;
  /** Computed by the same rule as on the kiosk page. */
  readonly dominant: ReturnType<typeof dominantOf>;
}

export function summarise(columns: readonly Column[]): Summary {
  const visits = columns.reduce((sum, column) => sum + column.visits, 0);
  const dwellMs = columns.reduce((sum, column) => sum + column.dwellMs, 0);
  return {
    visits,
    meanStayMs: visits > 0 ? dwellMs / visits : undefined,
    dominant: dominantOf(sumOf(columns.map(({ counts }) => counts))),
  };
}

/** Cumulative share of each label in each column, from the bottom of the stack; `null` for an empty column. */
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
