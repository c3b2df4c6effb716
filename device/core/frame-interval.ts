/** Number of intervals that count. An odd number, so that the median ignores a single pause or burst. */
const window = 5;

/**
 * Measures the interval between frames. Many sources do not keep their nominal rate, and some have none, so time constants
 * between frames are taken from this measurement.
 */
export class FrameInterval {
  readonly #latest: number[] = [];
  #mono: number | undefined;

  /** @param mono monotonic ms of a frame; a clock that runs backwards restarts the measurement */
  add(mono: number): void {
    const elapsed = this.#mono === undefined ? 0 : mono - this.#mono;
    this.#mono = mono;
    if (elapsed < 0) this.#latest.length = 0;
    if (elapsed <= 0) return;
    this.#latest.push(elapsed);
    if (this.#latest.length > window) this.#latest.shift();
  }

  /** Median of the latest intervals, in ms; the shorter one of two; 0 before the second frame. */
  get ms(): number {
    const sorted = [...this.#latest].sort((a, b) => a - b);
    return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
  }

  /** The longer of `ms` and the time of `frames` intervals. */
  atLeast(ms: number, frames: number): number {
    return Math.max(ms, frames * this.ms);
  }
}
