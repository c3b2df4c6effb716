/** Time to read what has arrived while this process stood still (a slow card, swapping). */
const graceMs = 50;

/** Tells when a process has not been heard of for longer than it was allowed to be silent. */
export class SilenceWatch {
  readonly #onSilence: (allowedMs: number) => void;
  #timer: NodeJS.Timeout | undefined;
  /** Counts signs of life. */
  #heard = 0;

  constructor(onSilence: (allowedMs: number) => void) {
    this.#onSilence = onSilence;
  }

  /** A sign of life: the next must come within `ms`. */
  allow(ms: number): void {
    this.#heard += 1;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const heard = this.#heard;
      // Where this process itself stood still, the messages are there and only unread: read them before judging.
      this.#timer = setTimeout(() => heard === this.#heard && this.#onSilence(ms), graceMs);
    }, ms);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
