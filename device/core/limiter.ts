import type { Clock } from './clock.ts';

export interface Rate {
  /** Tokens available at once. */
  readonly burst: number;
  /** Time until one more token is available, in ms. */
  readonly everyMs: number;
}

/** Callers that are remembered, more than a network has machines. Beyond it the least recently seen one is dropped. */
const maxCallers = 10_000;

/** A token bucket per caller. It uses the monotonic clock, so that a jump of the wall clock locks nobody out. */
export class Limiter {
  readonly #buckets = new Map<string, { left: number; at: number }>();
  readonly #clock: Clock;
  readonly #rate: Rate;

  constructor(clock: Clock, rate: Rate) {
    this.#clock = clock;
    this.#rate = rate;
  }

  /** Takes a token. @returns 0, or the time until the next token in ms */
  take(key: string): number {
    const left = this.#left(key);
    this.#put(key, left < 1 ? left : left - 1);
    return left < 1 ? Math.ceil((1 - left) * this.#rate.everyMs) : 0;
  }

  /** Returns a token. */
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
    if (this.#buckets.size > maxCallers) this.#buckets.delete(this.#buckets.keys().next().value!);
  }
}
