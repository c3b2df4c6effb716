/**
 * What a screen reader is told. Expressions change many times a minute; only one that has held for a while, and is not
 * the one that was said last, is worth interrupting for.
 */
export class Announcer {
  readonly #holdMs: number;
  #candidate: { label: string | undefined; since: number } = { label: undefined, since: 0 };
  #said: string | undefined;

  constructor(options: { holdMs: number }) {
    this.#holdMs = options.holdMs;
  }

  /** The label to have been announced by now. */
  update(label: string | undefined, now: number): string | undefined {
    if (label !== this.#candidate.label) this.#candidate = { label, since: now };
    if (now - this.#candidate.since >= this.#holdMs) this.#said = label;
    return this.#said;
  }
}
