/** How long one stage takes a frame, in ms. */
export interface StageSpan {
  readonly p50: number;
  readonly p95: number;
}

/** Frames that are looked back upon. */
const window = 256;

/** Times of the stages over the last frames that went through each. */
export class StageTimes {
  readonly #times = new Map<string, number[]>();

  add(stage: string, ms: number): void {
    const times = this.#times.get(stage) ?? [];
    this.#times.set(stage, times);
    times.push(ms);
    if (times.length > window) times.shift();
  }

  /** Per stage, in the order in which they were first met. */
  snapshot(): Readonly<Record<string, StageSpan>> {
    return Object.fromEntries([...this.#times].map(([stage, times]) => [stage, spanOf(times)]));
  }
}

function spanOf(times: readonly number[]): StageSpan {
  // Typed, for its sort needs no function that compares: it is done every second, also while there is nothing else to do.
  const sorted = Float64Array.from(times).sort();
  const at = (share: number) => Math.round(sorted[Math.floor(share * (sorted.length - 1))]! * 100) / 100;
  return { p50: at(0.5), p95: at(0.95) };
}
