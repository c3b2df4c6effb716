import type { Clock } from '../../core/clock.ts';

export interface Rate {
  /** That many at once ... */
  readonly burst: number;
  /** ... and one more each time this has passed. */
  readonly everyMs: number;
}

/** More callers than a network has machines; beyond it the one that was heard least recently is forgotten. */
const most = 10_000;

/** A token bucket per caller. On the monotonic clock: a wall clock that jumps locks nobody out. */
export class Limiter {
  readonly #buckets = new Map<string, { left: number; at: number }>();
  readonly #clock: Clock;
  readonly #rate: Rate;

  constructor(clock: Clock, rate: Rate) {
    this.#clock = clock;
    this.#rate = rate;
  }

  /** Takes one; 0 when there was one, else how many ms to wait for it. */
  take(key: string): number {
    const left = this.#left(key);
    this.#put(key, left < 1 ? left : left - 1);
    return left < 1 ? Math.ceil((1 - left) * this.#rate.everyMs) : 0;
  }

  /** Gives one back that turned out not to count. */
  giveBack(key: string): void {
    this.#put(key, Math.min(this.#rate.burst, this.#left(key) + 1));
  }

  #left(key: string): number {
    const bucket = this.#buckets.get(key);
    if (!bucket) return this.#rate.burst;
    const gained = (this.#clock.mono() - bucket.at) / this.#rate.everyMs;
    return Math.min(this.#rate.burst, bucket.left + gained);
  }

  #put(key: string, left: number): void {
    this.#buckets.delete(key);
    this.#buckets.set(key, { left, at: this.#clock.mono() });
    if (this.#buckets.size > most) this.#buckets.delete(this.#buckets.keys().next().value!);
  }
}
