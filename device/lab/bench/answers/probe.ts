/** A thread that requests /healthz continuously. The thread that reads the answers would also measure its own work. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

const betweenMs = 10;

/** Measures the response time of the daemon until it is stopped. */
export class HealthProbe {
  readonly #worker: Worker;

  constructor(origin: string) {
    this.#worker = new Worker(new URL(import.meta.url), { workerData: { origin } });
  }

  /** Response times since the last call, in ms; infinite without an answer. */
  async take(): Promise<number[]> {
    const taken = new Promise<number[]>((resolve) => this.#worker.once('message', resolve));
    this.#worker.postMessage('take');
    return taken;
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }
}

if (!isMainThread && parentPort) await probe(workerData.origin as string);

async function probe(origin: string): Promise<never> {
  let measured: number[] = [];
  parentPort!.on('message', () => {
    parentPort!.postMessage(measured);
    measured = [];
  });
  for (;;) {
    const askedAt = performance.now();
    const isAnswered = await fetch(`${origin}/healthz`).then(
      (answer) => answer.arrayBuffer().then(() => true),
      () => false,
    );
    measured.push(isAnswered ? performance.now() - askedAt : Number.POSITIVE_INFINITY);
    await sleep(betweenMs);
  }
}
