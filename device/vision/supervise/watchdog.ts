/** Time to read what has arrived while this process stood still (a slow card, swapping). */
const graceMs = 50;

/** Tells when a process has not been heard of for longer than it was allowed to be silent. */
export class Watchdog {
  readonly #onTimeout: (allowedMs: number) => void;
  #timer: NodeJS.Timeout | undefined;
  /** Counts signs of life. */
  #restarts = 0;

  constructor(onTimeout: (allowedMs: number) => void) {
    this.#onTimeout = onTimeout;
  }

  /** A sign of life: the next must come within `ms`. */
  restart(ms: number): void {
    this.#restarts += 1;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const restarts = this.#restarts;
      // Where this process itself stood still, the messages are there and only unread: read them before judging.
      this.#timer = setTimeout(() => restarts === this.#restarts && this.#onTimeout(ms), graceMs);
    }, ms);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
