/**
 * Text for screen readers. Expressions change many times a minute. Only one that is stable for a while, and differs from
 * the last announced one, is worth an interruption.
 */
export class Announcer {
  readonly #holdMs: number;
  #candidate: { text: string | undefined; since: number } = { text: undefined, since: 0 };
  #announced: string | undefined;

  constructor(options: { holdMs: number }) {
    this.#holdMs = options.holdMs;
  }

  /** The text to announce. */
  update(text: string | undefined, now: number): string | undefined {
    if (text !== this.#candidate.text) this.#candidate = { text, since: now };
    if (now - this.#candidate.since >= this.#holdMs) this.#announced = text;
    return this.#announced;
  }
}
