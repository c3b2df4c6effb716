/** Upper bounds of the buckets of every duration, in ms; a duration above the last bound falls into one more bucket. */
export const bucketBoundsMs = [0.5, 1, 2, 5, 10, 20, 35, 50, 75, 100, 150, 250, 500, 1000, 2500] as const;

/** Durations since a start, counted per bucket. */
export interface DurationCounts {
  /** Number per bucket, not cumulative: one for each bound, and one for longer durations. */
  readonly buckets: readonly number[];
  readonly sumMs: number;
}

/** Counts durations per bucket. An addition takes less than a microsecond and allocates nothing. */
export class DurationCounter implements DurationCounts {
  readonly buckets: number[] = Array.from({ length: bucketBoundsMs.length + 1 }, () => 0);
  sumMs = 0;

  add(ms: number): void {
    let bucket = 0;
    while (bucket < bucketBoundsMs.length && ms > bucketBoundsMs[bucket]!) bucket += 1;
    this.buckets[bucket]! += 1;
    this.sumMs += ms;
  }

  /** Adds the counts of another counter. */
  addCounts({ buckets, sumMs }: DurationCounts): void {
    for (const [index, count] of buckets.entries()) this.buckets[index]! += count;
    this.sumMs += sumMs;
  }
}
