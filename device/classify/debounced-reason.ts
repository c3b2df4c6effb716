import type { UncertainReason } from '../core/labels.ts';

/** The reason that stays shown until another one has held on. */
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

  /** Nobody sees the reason: another takes its place at once. */
  replace(reason: UncertainReason): void {
    this.#shown = reason;
    this.#rival = undefined;
    this.#rivalMs = 0;
  }

  /** @param ms how much time this frame stands for */
  add(reason: UncertainReason, ms: number): void {
    this.#rivalMs = reason === this.#rival ? this.#rivalMs + ms : ms;
    this.#rival = reason;
    if (reason === this.#shown || this.#rivalMs > this.#patienceMs) this.replace(reason);
  }
}
