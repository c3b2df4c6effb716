import type { Clock } from '../core/clock.ts';
import type { Part } from '../core/lifecycle.ts';
import { writtenBytesOf } from '../core/process-figures.ts';
import type { StateBoard } from '../core/state.ts';

const showEveryMs = 60_000;
/** Running time before which a figure per day says nothing. */
const warmUpMs = 600_000;
const dayMs = 86_400_000;

export interface WrittenBytesDeps {
  readonly board: StateBoard;
  readonly clock: Clock;
  /** Id of the vision process; undefined while there is none. */
  readonly visionPid: () => number | undefined;
  /** Bytes that a process gave to disks since its start; tests have their own. */
  readonly writtenBy?: (pid: number) => number | undefined;
}

/** Shows on the state board how many MB the daemon and its vision process write to disks, per day of running time. */
export class WrittenBytes implements Part {
  readonly name = 'written bytes';
  readonly #deps: WrittenBytesDeps;
  readonly #startedAt: number;
  /** Newest figure of each process, also of ended ones. */
  readonly #bytes = new Map<number, number>();
  #ticker: NodeJS.Timeout | undefined;

  constructor(deps: WrittenBytesDeps) {
    this.#deps = deps;
    this.#startedAt = deps.clock.mono();
  }

  start(): void {
    this.#ticker = setInterval(() => this.#tick(), showEveryMs);
    this.#ticker.unref();
  }

  stop(): void {
    clearInterval(this.#ticker);
  }

  #tick(): void {
    const { board, clock, visionPid, writtenBy = writtenBytesOf } = this.#deps;
    for (const pid of [process.pid, visionPid()]) {
      const bytes = pid === undefined ? undefined : writtenBy(pid);
      if (bytes !== undefined) this.#bytes.set(pid!, bytes);
    }
    const runMs = clock.mono() - this.#startedAt;
    if (runMs < warmUpMs || this.#bytes.size === 0) return;
    const sum = [...this.#bytes.values()].reduce((all, bytes) => all + bytes, 0);
    board.update('store', { writtenMbPerDay: Math.round(((sum / runMs) * dayMs) / 1e5) / 10 });
  }
}
