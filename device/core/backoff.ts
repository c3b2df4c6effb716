/**
 * Stepped backoff: short waits first, because most faults are short, then long ones. The last step repeats. Call `reset()`
 * after a lasting success.
 */
export class Backoff {
  readonly #steps: readonly number[];
  #failures = 0;

  constructor(steps: readonly number[] = [250, 1000, 2000, 5000, 10_000]) {
    this.#steps = steps;
  }

  get failures(): number {
    return this.#failures;
  }

  /** Milliseconds to wait before the next try. */
  next(): number {
    const step = this.#steps[Math.min(this.#failures, this.#steps.length - 1)]!;
    this.#failures += 1;
    return step;
  }

  reset(): void {
    this.#failures = 0;
  }
}
