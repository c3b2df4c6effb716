import { DurationCounter, type DurationCounts } from '../core/duration-counts.ts';

/** Duration of one stage per frame, in ms. */
export interface StageSpan {
  readonly p50: number;
  readonly p95: number;
}

/** Number of frames in the statistics. */
const window = 256;

/** Durations of the stages: the latest of each for the pages, and counts since the start for the metrics. */
export class StageTimes {
  readonly #times = new Map<string, { readonly latest: number[]; readonly counter: DurationCounter }>();

  add(stage: string, ms: number): void {
    const times = this.#times.get(stage) ?? { latest: [], counter: new DurationCounter() };
    this.#times.set(stage, times);
    times.counter.add(ms);
    times.latest.push(ms);
    if (times.latest.length > window) times.latest.shift();
  }

  /** Per stage, in the order of their first appearance. */
  snapshot(): Readonly<Record<string, StageSpan>> {
    return Object.fromEntries([...this.#times].map(([stage, { latest }]) => [stage, spanOf(latest)]));
  }

  /** Per stage, over all frames since the start. */
  get counts(): Readonly<Record<string, DurationCounts>> {
    return Object.fromEntries([...this.#times].map(([stage, { counter }]) => [stage, counter]));
  }
}

function spanOf(times: readonly number[]): StageSpan {
  // A typed array sorts numbers without a comparison function; this runs every second, also when idle.
  const sorted = Float64Array.from(times).sort();
  const at = (share: number) => Math.round(sorted[Math.floor(share * (sorted.length - 1))]! * 100) / 100;
  return { p50: at(0.5), p95: at(0.95) };
}
