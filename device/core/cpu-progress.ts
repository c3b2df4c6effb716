import { cpuSecondsOf } from './process-figures.ts';

/**
 * Tells a process that is slow from one that is stuck: on a slow board a process that loads libraries takes minutes, but
 * it uses processor time. Where /proc is missing, no process counts as working.
 */
export class CpuProgress {
  readonly #read: () => number | undefined;
  #seconds: number | undefined;

  constructor(pid: number | undefined, read = cpuSecondsOf) {
    this.#read = () => (pid === undefined ? undefined : read(pid));
    this.#seconds = this.#read();
  }

  /** Whether the process has used processor time (10 ms or more) since the previous call, or since the construction. */
  hasAdvanced(): boolean {
    const before = this.#seconds;
    this.#seconds = this.#read();
    return before !== undefined && this.#seconds !== undefined && this.#seconds > before;
  }
}
