import type { Clock } from '../../core/clock.ts';

/** Combines requests to calls of `act`: at once, or when `everyMs` have passed since the last call. */
export class Throttle {
  readonly #everyMs: number;
  readonly #clock: Clock;
  readonly #act: () => void;
  #actedAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  constructor(everyMs: number, clock: Clock, act: () => void) {
    this.#everyMs = everyMs;
    this.#clock = clock;
    this.#act = act;
  }

  /** Several requests within one turn of the event loop make one call. */
  request(): void {
    if (this.#timer) return;
    const delay = Math.max(0, this.#actedAt + this.#everyMs - this.#clock.mono());
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#actedAt = this.#clock.mono();
      this.#act();
    }, delay);
  }

  /** The next request calls at once. */
  reset(): void {
    this.cancel();
    this.#actedAt = Number.NEGATIVE_INFINITY;
  }

  cancel(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
