import type { Clock } from '../core/clock.ts';

/**
 * The share of the work on a frame that reading the next one must take to be done beside it. With one face it takes 16 %, and
 * 15 % more frames come at no cost; with eight it takes 6 %, and no more come while two cores get in each other's way for 5 %
 * more of the processor (640x480, two cores; `npm run bench -- product`).
 */
const minReadShare = 0.1;

/** Reads the next frame while one is worked on, where that is worth it. */
export class ReadAhead<T> {
  readonly #read: (isPrefetch: boolean) => Promise<T>;
  readonly #clock: Pick<Clock, 'mono'>;
  #pending: Promise<T> | undefined;
  /** Of the shortest read that was waited for: the first ones find cold caches. */
  #readMs = Number.POSITIVE_INFINITY;
  #workMs = Number.POSITIVE_INFINITY;
  #workSince = 0;

  /** @param read one after the other; `isPrefetch`: while something else is done */
  constructor(read: (isPrefetch: boolean) => Promise<T>, clock: Pick<Clock, 'mono'>) {
    this.#read = read;
    this.#clock = clock;
  }

  async next(): Promise<T> {
    const pending = this.#pending;
    this.#pending = undefined;
    if (pending !== undefined) return pending;
    const requestedAt = this.#clock.mono();
    const read = await this.#read(false);
    this.#readMs = Math.min(this.#readMs, this.#clock.mono() - requestedAt);
    return read;
  }

  /** The work on what was read last begins. */
  beginWork(): void {
    this.#workSince = this.#clock.mono();
    if (this.#readMs <= minReadShare * this.#workMs) return;
    this.#pending = this.#read(true);
    // That it failed is told when its turn comes; until then Node would end the process for it.
    this.#pending.catch(() => {});
  }

  endWork(): void {
    this.#workMs = this.#clock.mono() - this.#workSince;
  }

  /** What was read and will not be asked for; undefined where nothing was, or where that failed. */
  async drain(): Promise<T | undefined> {
    return this.#pending?.catch(() => undefined);
  }
}
