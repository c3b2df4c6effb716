import { DurationCounter, type DurationCounts } from '../core/duration-counts.ts';

/** Counts of the vision process. They only grow. */
export interface VisionTotals {
  /** Frames that were searched, or known to be unchanged. */
  readonly processed: number;
  /** Frames that a newer one replaced before they were processed. */
  readonly dropped: number;
  /** Frames left out on purpose: above the limit of the rate, or of an idle scene. */
  readonly skipped: number;
  /** Time from frame to reading. */
  readonly latency: DurationCounts;
  /** Duration of each stage per frame. */
  readonly stages: Readonly<Record<string, DurationCounts>>;
}

export const noTotals: VisionTotals = {
  processed: 0,
  dropped: 0,
  skipped: 0,
  latency: new DurationCounter(),
  stages: {},
};

export function sumOfTotals(one: VisionTotals, other: VisionTotals): VisionTotals {
  const names = new Set([...Object.keys(one.stages), ...Object.keys(other.stages)]);
  return {
    processed: one.processed + other.processed,
    dropped: one.dropped + other.dropped,
    skipped: one.skipped + other.skipped,
    latency: sumOfCounts(one.latency, other.latency),
    stages: Object.fromEntries([...names].map((name) => [name, sumOfCounts(one.stages[name], other.stages[name])])),
  };
}

function sumOfCounts(...counts: readonly (DurationCounts | undefined)[]): DurationCounts {
  const sum = new DurationCounter();
  for (const each of counts) if (each) sum.addCounts(each);
  return sum;
}
