/**
 * What a screen reader is told. Expressions change many times a minute; only one that has held for a while, and is not
 * the one that was said last, is worth interrupting for.
 */
export class Announcer {
  readonly #holdMs: number;
  #candidate: { text: string | undefined; since: number } = { text: undefined, since: 0 };
  #said: string | undefined;

  constructor(options: { holdMs: number }) {
    this.#holdMs = options.holdMs;
  }

  /** The text to have been announced by now. */
  update(text: string | undefined, now: number): string | undefined {
    if (text !== this.#candidate.text) this.#candidate = { text, since: now };
    if (now - this.#candidate.since >= this.#holdMs) this.#said = text;
    return this.#said;
  }
}
