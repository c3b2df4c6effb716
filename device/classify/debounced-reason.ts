import type { UncertainReason } from '../core/labels.ts';

/** Keeps the shown reason until another one has lasted for the patience. */
export class DebouncedReason {
  readonly #patienceMs: number;
  #shown: UncertainReason;
  #rival: UncertainReason | undefined;
  #rivalMs = 0;

  constructor(reason: UncertainReason, patienceMs: number) {
    this.#shown = reason;
    this.#patienceMs = patienceMs;
  }

  get shown(): UncertainReason {
    return this.#shown;
  }

  /** Whether no other reason is about to replace the one that is shown. */
  get isSettled(): boolean {
    return this.#rival === undefined;
  }

  /** Replaces a reason that is not shown, at once. */
  replace(reason: UncertainReason): void {
    this.#shown = reason;
    this.#rival = undefined;
    this.#rivalMs = 0;
  }

  /** @param ms time that this frame represents */
  add(reason: UncertainReason, ms: number): void {
    this.#rivalMs = reason === this.#rival ? this.#rivalMs + ms : ms;
    this.#rival = reason;
    if (reason === this.#shown || this.#rivalMs > this.#patienceMs) this.replace(reason);
  }
}
