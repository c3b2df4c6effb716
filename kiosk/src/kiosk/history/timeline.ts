/** How often each expression was seen while a time passed: of how many faces, once a second. */
export interface Tally {
  /** Start, ms since 1970 by the device's clock. */
  readonly start: number;
  readonly counts: Readonly<Record<string, number>>;
}

/** Columns of the chart: a time in seconds and, per label, the share that it and all labels before it have, or a gap. */
export interface Columns {
  readonly times: readonly number[];
  readonly cumulative: ReadonlyMap<string, ReadonlyArray<number | null>>;
  readonly filled: number;
}

/**
 * @param order from the bottom of the stack to its top
 */
export function columnsOf(
  starts: readonly number[],
  bucketMs: number,
  countsAt: (start: number) => Readonly<Record<string, number>> | undefined,
  order: readonly string[],
): Columns {
  const counts = starts.map(countsAt);
  const totals = counts.map((each) => (each ? totalOf(each) : 0));
  const below = starts.map(() => 0);
  const cumulative = new Map<string, Array<number | null>>();
  for (const label of order) {
    const column = counts.map((each, at) => {
      if (!each || totals[at] === 0) return null;
      below[at] = below[at]! + (each[label] ?? 0) / totals[at]!;
      return below[at]!;
    });
    cumulative.set(label, column);
  }
  return {
    times: starts.map((start) => (start + bucketMs / 2) / 1000),
    cumulative,
    filled: totals.filter((total) => total > 0).length,
  };
}

/** How often each expression was seen, per minute, over the last hour. A minute without a face is a gap. */
export class Timeline {
  readonly bucketMs: number;
  readonly windowMs: number;
  readonly #buckets = new Map<number, Record<string, number>>();

  constructor(options: { bucketMs: number; windowMs: number }) {
    this.bucketMs = options.bucketMs;
    this.windowMs = options.windowMs;
  }

  /** One face, once a second. `ts` is the device's wall clock. */
  add(ts: number, label: string): void {
    const key = Math.floor(ts / this.bucketMs);
    const bucket = this.#buckets.get(key) ?? {};
    bucket[label] = (bucket[label] ?? 0) + 1;
    this.#buckets.set(key, bucket);
    if (this.#buckets.size > (2 * this.windowMs) / this.bucketMs) this.#forget(key);
  }

  /** What was logged before this page was opened, or while it was cut off. Where both are known, the fuller one counts. */
  backfill(tallies: readonly Tally[]): void {
    for (const { start, counts } of tallies) {
      const key = Math.floor(start / this.bucketMs);
      if (totalOf(counts) > totalOf(this.#buckets.get(key) ?? {})) this.#buckets.set(key, { ...counts });
    }
  }

  columns(now: number, order: readonly string[]): Columns {
    const last = Math.floor(now / this.bucketMs);
    const keys = Array.from({ length: this.windowMs / this.bucketMs }, (_, back) => last - back).reverse();
    const starts = keys.map((key) => key * this.bucketMs);
    return columnsOf(starts, this.bucketMs, (start) => this.#buckets.get(start / this.bucketMs), order);
  }

  /** Of the last hour together. */
  counts(now: number): Readonly<Record<string, number>> {
    const last = Math.floor(now / this.bucketMs);
    const kept = [...this.#buckets].filter(([key]) => key <= last && key > last - this.windowMs / this.bucketMs);
    return sumOf(kept.map(([, counts]) => counts));
  }

  /** By distance, not by age: the device's clock may have been set, in either direction. */
  #forget(now: number): void {
    for (const key of this.#buckets.keys()) {
      if (Math.abs(now - key) > this.windowMs / this.bucketMs) this.#buckets.delete(key);
    }
  }
}

export function sumOf(all: readonly Readonly<Record<string, number>>[]): Readonly<Record<string, number>> {
  const sums: Record<string, number> = {};
  for (const [label, count] of all.flatMap((counts) => Object.entries(counts)))
    sums[label] = (sums[label] ?? 0) + count;
  return sums;
}

export function totalOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
