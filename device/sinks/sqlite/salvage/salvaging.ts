import { basename } from 'node:path';
import { Worker } from 'node:worker_threads';
import { describeError } from '../../../core/errors.ts';
import type { Log } from '../../../core/log.ts';
import { markSalvaged, unsalvagedFiles } from '../opening/damaged.ts';
import type { FromSalvage } from './salvage-main.ts';

const retryMs = 600_000;

export interface SalvagingDeps {
  /** Path of the database that rows are salvaged into. */
  readonly file: string;
  readonly bootId: string;
  readonly log: Log;
  readonly onChange: () => void;
  /** The file that the thread runs; tests start the built one. */
  readonly entry?: URL;
}

/** Salvages the damaged databases beside the log, one after the other, in its own thread. */
export class Salvaging {
  readonly #deps: SalvagingDeps;
  #worker: Worker | undefined;
  #retry: NodeJS.Timeout | undefined;
  #reason: string | undefined;

  constructor(deps: SalvagingDeps) {
    this.#deps = deps;
  }

  /** State of the salvage for the board; undefined without one. */
  get reason(): string | undefined {
    return this.#reason;
  }

  get isRunning(): boolean {
    return this.#worker !== undefined;
  }

  /** To be called when the database is open. Continues an interrupted salvage. */
  start(): void {
    const [from] = unsalvagedFiles(this.#deps.file);
    if (from === undefined || this.#worker) return;
    const aside = basename(from);
    this.#show(
      `The database was damaged and is set aside as ${aside}. Its readable rows are being copied into the new one.`,
    );
    const { file, bootId, entry = new URL('./salvage-main.js', import.meta.url) } = this.#deps;
    const worker = new Worker(entry, { workerData: { from, into: file, bootId }, execArgv: [] });
    worker.unref();
    this.#worker = worker;
    worker.on('message', (message: FromSalvage) => this.#isCurrent(worker) && this.#onEnd(from, message));
    worker.on('error', (error) => this.#isCurrent(worker) && this.#onEnd(from, { fault: describeError(error) }));
  }

  /** To be called before the database is closed. */
  stop(): Promise<unknown> {
    clearTimeout(this.#retry);
    const worker = this.#worker;
    this.#worker = undefined;
    return worker?.terminate() ?? Promise.resolve();
  }

  #isCurrent(worker: Worker): boolean {
    return this.#worker === worker;
  }

  #onEnd(from: string, message: FromSalvage): void {
    const { log } = this.#deps;
    this.#worker = undefined;
    if ('fault' in message) {
      log.warn(`the damaged database ${from} is not salvaged yet: ${message.fault}`);
      this.#show(`Rows of ${basename(from)}, which is damaged, wait to be copied into the log: ${message.fault}`);
      this.#retry = setTimeout(() => this.start(), retryMs).unref();
      return;
    }
    const { samples, visits, minutes } = message.counts;
    const kept = markSalvaged(from);
    log.warn(
      message.counts,
      `salvaged ${samples} samples, ${visits} visits and ${minutes} minutes; the damaged file is kept as ${kept}`,
    );
    this.#show(undefined);
    this.start();
  }

  #show(reason: string | undefined): void {
    this.#reason = reason;
    this.#deps.onChange();
  }
}
