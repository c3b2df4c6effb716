import type { Reading } from '../../../../device/core/types.ts';

/** Counts each face once a second, like the log, independently of the frame rate. */
export class SecondCounter {
  readonly #count: (ts: number, label: string) => void;
  #second = Number.NaN;

  constructor(count: (ts: number, label: string) => void) {
    this.#count = count;
  }

  add({ ts, mono, faces }: Reading): void {
    // By the monotonic clock.
    const second = Math.floor(mono / 1000);
    if (second === this.#second) return;
    this.#second = second;
    for (const { label } of faces) this.#count(ts, label);
  }
}
