/** Counts by label. */
export type Counts = Readonly<Record<string, number>>;

export function totalOf(counts: Counts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/** The sum of several counts. */
export function sumOf(all: readonly Counts[]): Counts {
  const sums: Record<string, number> = {};
  for (const [label, count] of all.flatMap((counts) => Object.entries(counts)))
    sums[label] = (sums[label] ?? 0) + count;
  return sums;
}
