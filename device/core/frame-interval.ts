/** Number of intervals that count: an odd one, so that a single pause or burst among them changes nothing. */
const window = 5;

/**
 * Measures how far apart frames come. Sources promise rates that they do not keep, and some promise none: time constants of
 * what happens between two frames are taken from here.
 */
export class FrameInterval {
  readonly #latest: number[] = [];
  #mono: number | undefined;

  /** @param mono monotonic ms of a frame; a clock that runs backwards begins anew */
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

  /** `ms`, or the time that so many frames take where that is longer. */
  atLeast(ms: number, frames: number): number {
    return Math.max(ms, frames * this.ms);
  }
}
