import { type Counts, sumOf, totalOf } from '../../expression/counts.ts';

/** Seconds in view by expression within a period; two people count twice. */
export interface Tally {
  /** Start, ms since 1970 by the device's clock. */
  readonly start: number;
  readonly seconds: Counts;
}

/** Columns of the chart. The height is the time people were in view, the colours are the mix of expressions. */
export interface Columns {
  /** The middle of each column, in seconds since 1970. */
  readonly times: readonly number[];
  /** Cumulative seconds per label; a gap without a person. */
  readonly cumulative: ReadonlyMap<string, ReadonlyArray<number | null>>;
  /** Number of columns that are not empty. */
  readonly filled: number;
  /** Seconds of the highest column. */
  readonly max: number;
  /** The end of this minute, in seconds since 1970. */
  readonly now: number;
}

export interface ColumnsOptions {
  readonly starts: readonly number[];
  readonly bucketMs: number;
  readonly secondsAt: (start: number) => Counts | undefined;
  /** From the bottom of the stack to its top. */
  readonly order: readonly string[];
  /** ms since 1970. */
  readonly now: number;
}

export function columnsOf({ starts, bucketMs, secondsAt, order, now }: ColumnsOptions): Columns {
  const seconds = starts.map((start) => {
    const all = secondsAt(start) ?? {};
    return Object.fromEntries(order.map((label) => [label, all[label] ?? 0]));
  });
  const totals = seconds.map(totalOf);
  const below = starts.map(() => 0);
  const cumulative = new Map<string, Array<number | null>>();
  for (const label of order) {
    const column = seconds.map((each, at) => {
      below[at] = below[at]! + each[label]!;
      return totals[at] === 0 ? null : below[at]!;
    });
    cumulative.set(label, column);
  }
  return {
    times: starts.map((start) => (start + bucketMs / 2) / 1000),
    cumulative,
    filled: totals.filter((total) => total > 0).length,
    max: Math.max(0, ...totals),
    now: Math.ceil(now / 60_000) * 60,
  };
}

/** Seconds in view by expression, per minute of the last hour. A minute without a face is a gap. */
export class Timeline {
  readonly bucketMs: number;
  readonly windowMs: number;
  readonly #buckets = new Map<number, Record<string, number>>();

  constructor(options: { bucketMs: number; windowMs: number }) {
    this.bucketMs = options.bucketMs;
    this.windowMs = options.windowMs;
  }

  /** One face, for a second. `ts` is the device's wall clock. */
  add(ts: number, label: string): void {
    const key = Math.floor(ts / this.bucketMs);
    const bucket = this.#buckets.get(key) ?? {};
    bucket[label] = (bucket[label] ?? 0) + 1;
    this.#buckets.set(key, bucket);
    if (this.#buckets.size > (2 * this.windowMs) / this.bucketMs) this.#forget(key);
  }

  /** Adds the log from before this page was opened, or while it was offline. If both are known, the larger one counts. */
  backfill(tallies: readonly Tally[]): void {
    for (const { start, seconds } of tallies) {
      const key = Math.floor(start / this.bucketMs);
      if (totalOf(seconds) > totalOf(this.#buckets.get(key) ?? {})) this.#buckets.set(key, { ...seconds });
    }
  }

  columns(now: number, order: readonly string[]): Columns {
    const last = Math.floor(now / this.bucketMs);
    const keys = Array.from({ length: this.windowMs / this.bucketMs }, (_, back) => last - back).reverse();
    return columnsOf({
      starts: keys.map((key) => key * this.bucketMs),
      bucketMs: this.bucketMs,
      secondsAt: (start) => this.#buckets.get(start / this.bucketMs),
      order,
      now,
    });
  }

  /** Totals of the last hour. */
  seconds(now: number): Counts {
    const last = Math.floor(now / this.bucketMs);
    const kept = [...this.#buckets].filter(([key]) => key <= last && key > last - this.windowMs / this.bucketMs);
    return sumOf(kept.map(([, seconds]) => seconds));
  }

  /** By distance and not by age, because the device's clock may have been set forwards or backwards. */
  #forget(now: number): void {
    for (const key of this.#buckets.keys()) {
      if (Math.abs(now - key) > this.windowMs / this.bucketMs) this.#buckets.delete(key);
    }
  }
}
