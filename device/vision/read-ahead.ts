import type { Clock } from '../core/clock.ts';

/**
 * Reading ahead pays off if reading takes at least this share of the work on a frame. With one face it takes 16 %, and
 * reading ahead gives 15 % more frames at no cost. With eight faces it takes 6 %: no more frames, and 5 % more CPU time
 * because two cores compete (640x480, two cores; `npm run bench -- product`).
 */
const minReadShare = 0.1;

/** Reads the next frame while one is processed, where that pays off. */
export class ReadAhead<T> {
  readonly #read: (isPrefetch: boolean) => Promise<T>;
  readonly #clock: Pick<Clock, 'mono'>;
  #pending: Promise<T> | undefined;
  /** Duration of the shortest awaited read: the first reads find cold caches. */
  #readMs = Number.POSITIVE_INFINITY;
  #workMs = Number.POSITIVE_INFINITY;
  #workSince = 0;

  /** @param read called for one item after the other; `isPrefetch`: while another item is processed */
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

  /** Call when the work on the last item begins. */
  beginWork(): void {
    this.#workSince = this.#clock.mono();
    if (this.#readMs <= minReadShare * this.#workMs) return;
    this.#pending = this.#read(true);
    // The failure is reported by `next`. Until then, Node would end the process for the unhandled rejection.
    this.#pending.catch(() => {});
  }

  endWork(): void {
    this.#workMs = this.#clock.mono() - this.#workSince;
  }

  /** The prefetched item that is no longer needed; undefined where there is none, or where its read failed. */
  async drain(): Promise<T | undefined> {
    return this.#pending?.catch(() => undefined);
  }
}
