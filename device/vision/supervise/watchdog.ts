/** Time to read queued messages after this process itself was stalled (a slow card, swapping), in ms. */
const graceMs = 50;

/** Calls back when a process has sent no message within the allowed time. */
export class Watchdog {
  readonly #onTimeout: (allowedMs: number) => void;
  #timer: NodeJS.Timeout | undefined;
  /** Number of signs of life. */
  #restarts = 0;
  #allowedMs = 0;

  constructor(onTimeout: (allowedMs: number) => void) {
    this.#onTimeout = onTimeout;
  }

  /** Time that was allowed for the sign of life that is waited for, in ms. */
  get allowedMs(): number {
    return this.#allowedMs;
  }

  /** Records a sign of life; the next must come within `ms`. */
  restart(ms: number): void {
    this.#restarts += 1;
    this.#allowedMs = ms;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const restarts = this.#restarts;
      // If this process itself was stalled, messages may be queued: read them before deciding.
      this.#timer = setTimeout(() => restarts === this.#restarts && this.#onTimeout(ms), graceMs);
    }, ms);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
