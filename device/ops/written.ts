import type { Clock } from '../core/clock.ts';
import type { Part } from '../core/lifecycle.ts';
import type { StateBoard } from '../core/state.ts';
import type { Processes } from '../sinks/metrics/processes.ts';

const showEveryMs = 60_000;
/** Running time before which a figure per day says nothing. */
const warmUpMs = 600_000;
const dayMs = 86_400_000;

export interface WrittenBytesDeps {
  readonly board: StateBoard;
  readonly clock: Clock;
  readonly processes: Pick<Processes, 'read'>;
}

/** Shows on the state board how many MB the daemon and its processes write to disks, per day of running time. */
export class WrittenBytes implements Part {
  readonly name = 'written bytes';
  readonly #deps: WrittenBytesDeps;
  readonly #startedAt: number;
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
    const { board, clock, processes } = this.#deps;
    const written = processes.read().flatMap(({ writtenBytes = [] }) => writtenBytes);
    const runMs = clock.mono() - this.#startedAt;
    if (runMs < warmUpMs || written.length === 0) return;
    const sum = written.reduce((all, bytes) => all + bytes, 0);
    board.update('store', { writtenMbPerDay: Math.round(((sum / runMs) * dayMs) / 1e5) / 10 });
  }
}
