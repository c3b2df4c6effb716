/** A thread that requests /healthz continuously. The thread that reads the answers would also measure its own work. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

const betweenMs = 10;

/** The time of one answer, in ms; infinite without an answer. */
export interface Delay {
  /** As the client sees it. */
  readonly seenMs: number;
  /**
   * Without the time in which the daemon was ready to run, but other programs had the processors: the delay that the daemon itself
   * causes. The bench, the camera's processing and the clients share them.
   */
  readonly heldMs: number;
}

/** Measures the response time of the daemon until it is stopped. */
export class HealthProbe {
  readonly #worker: Worker;

  /** @param pid process id of the daemon */
  constructor(origin: string, pid: number) {
    this.#worker = new Worker(new URL(import.meta.url), { workerData: { origin, pid } });
  }

  /** The answers since the last call. */
  async take(): Promise<Delay[]> {
    const taken = new Promise<Delay[]>((resolve) => this.#worker.once('message', resolve));
    this.#worker.postMessage('take');
    return taken;
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }
}

if (!isMainThread && parentPort) await probe(workerData as { origin: string; pid: number });

async function probe({ origin, pid }: { origin: string; pid: number }): Promise<never> {
  let measured: Delay[] = [];
  parentPort!.on('message', () => {
    parentPort!.postMessage(measured);
    measured = [];
  });
  for (;;) {
    const askedAt = performance.now();
    const waitedBefore = waitedMs(pid);
    const isAnswered = await fetch(`${origin}/healthz`).then(
      (answer) => answer.arrayBuffer().then(() => true),
      () => false,
    );
    const seenMs = isAnswered ? performance.now() - askedAt : Number.POSITIVE_INFINITY;
    measured.push({ seenMs, heldMs: seenMs - (waitedMs(pid) - waitedBefore) });
    await sleep(betweenMs);
  }
}

/** Time that the main thread of a process has waited for a processor, in ms since its start (Documentation/scheduler/sched-stats.rst). */
function waitedMs(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[1]) / 1e6;
  } catch {
    // A kernel without these figures: the delay is then that of the client.
    return 0;
  }
}
