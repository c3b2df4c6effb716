/** Duration of one stage per frame, in ms. */
export interface StageSpan {
  readonly p50: number;
  readonly p95: number;
}

/** Number of frames in the statistics. */
const window = 256;

/** Durations of the stages over the latest frames of each. */
export class StageTimes {
  readonly #times = new Map<string, number[]>();

  add(stage: string, ms: number): void {
    const times = this.#times.get(stage) ?? [];
    this.#times.set(stage, times);
    times.push(ms);
    if (times.length > window) times.shift();
  }

  /** Per stage, in the order of their first appearance. */
  snapshot(): Readonly<Record<string, StageSpan>> {
    return Object.fromEntries([...this.#times].map(([stage, times]) => [stage, spanOf(times)]));
  }
}

function spanOf(times: readonly number[]): StageSpan {
  // A typed array sorts numbers without a comparison function; this runs every second, also when idle.
  const sorted = Float64Array.from(times).sort();
  const at = (share: number) => Math.round(sorted[Math.floor(share * (sorted.length - 1))]! * 100) / 100;
  return { p50: at(0.5), p95: at(0.95) };
}
