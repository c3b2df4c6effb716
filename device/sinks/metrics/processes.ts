import { cpuSecondsOf, memoryOf, type ProcessMemory, writtenBytesOf } from '../../core/process-figures.ts';

export type ProcessName = 'daemon' | 'vision' | 'uploads';

export interface ProcessFigures {
  readonly process: ProcessName;
  /** Absent while it does not run. */
  readonly memory?: ProcessMemory;
  /** Of all processes of this name since the start of the daemon. Absent where the system does not report it. */
  readonly cpuSeconds?: number;
  readonly writtenBytes?: number;
}

/**
 * Figures of the daemon's processes, summed over their restarts. What a process used between the last scrape and its end
 * is not counted.
 */
export class Processes {
  readonly #pids: Readonly<Record<ProcessName, () => number | undefined>>;
  readonly #sums = new Map<ProcessName, { readonly cpu: Sum; readonly written: Sum }>();

  constructor(pids: Readonly<Record<ProcessName, () => number | undefined>>) {
    this.#pids = pids;
  }

  /** Reads three small files of each process. */
  read(): ProcessFigures[] {
    return (Object.keys(this.#pids) as ProcessName[]).map((process) => {
      const pid = this.#pids[process]();
      const sums = this.#sums.get(process) ?? { cpu: new Sum(), written: new Sum() };
      this.#sums.set(process, sums);
      if (pid !== undefined) {
        sums.cpu.update(pid, cpuSecondsOf(pid));
        sums.written.update(pid, writtenBytesOf(pid));
      }
      return {
        process,
        memory: pid === undefined ? undefined : memoryOf(pid),
        cpuSeconds: sums.cpu.value,
        writtenBytes: sums.written.value,
      };
    });
  }
}

/** A figure that each process counts from 0. */
class Sum {
  #pid: number | undefined;
  #ended = 0;
  #running: number | undefined;

  /** Undefined before the first known figure. */
  get value(): number | undefined {
    return this.#running === undefined ? undefined : this.#ended + this.#running;
  }

  update(pid: number, figure: number | undefined): void {
    if (figure === undefined) return;
    if (pid !== this.#pid) this.#ended += this.#running ?? 0;
    this.#pid = pid;
    this.#running = figure;
  }
}
