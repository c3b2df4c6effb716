import type { Reading } from '../../../../device/core/types.ts';

/** Counts each face once a second, as the log does, whatever the frame rate. */
export class SecondCounter {
  readonly #count: (ts: number, label: string) => void;
  #second = Number.NaN;

  constructor(count: (ts: number, label: string) => void) {
    this.#count = count;
  }

  add({ ts, mono, faces }: Reading): void {
    // By the clock that does not jump.
    const second = Math.floor(mono / 1000);
    if (second === this.#second) return;
    this.#second = second;
    for (const { label } of faces) this.#count(ts, label);
  }
}
