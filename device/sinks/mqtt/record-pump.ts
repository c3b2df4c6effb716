import { wait } from '../../core/clock.ts';
import { describeError } from '../../core/errors.ts';
import type { Log } from '../../core/log.ts';
import { idOf, type Outbox, type OutboxRecord } from '../../core/store.ts';

/** Maximum number of unacknowledged messages: after a long outage one round trip per record would be too slow. */
const windowSize = 20;
const usualRetryMs = 5000;

type Kind = OutboxRecord['kind'];

export interface RecordPumpDeps {
  readonly outbox: Outbox;
  readonly log: Log;
  readonly isConnected: () => boolean;
  /** Delay after a refusal. */
  readonly retryMs?: number;
  /** Resolves with the broker's acknowledgement. */
  readonly publish: (record: OutboxRecord, historical: boolean) => Promise<void>;
}

/** Publishes the records of the outbox, oldest first, while connected. The acknowledgement of the broker marks a record as published. */
export class RecordPump {
  readonly #deps: RecordPumpDeps;
  readonly #stopping = new AbortController();
  /** Records that were made during this connection; all others are historical. */
  readonly #fresh = new Set<string>();
  #running: Promise<void> | undefined;
  #unsubscribe: (() => void) | undefined;
  #lastFault = '';

  constructor(deps: RecordPumpDeps) {
    this.#deps = deps;
  }

  /** Publishes each record that enters the outbox from now on. */
  start(): void {
    this.#unsubscribe = this.#deps.outbox.subscribe((record) => {
      if (this.#deps.isConnected()) this.#fresh.add(idOf(record));
      // Records that are made together are published together.
      setImmediate(() => this.run());
    });
  }

  connectionLost(): void {
    this.#fresh.clear();
  }

  run(): void {
    if (!this.#running && !this.#stopping.signal.aborted) {
      this.#running = this.#drain().finally(() => (this.#running = undefined));
    }
  }

  /** Publishes the present records once more, and resolves when that is done or has failed. */
  async stop(): Promise<void> {
    this.#unsubscribe?.();
    this.run();
    this.#stopping.abort();
    await this.#running;
  }

  async #drain(): Promise<void> {
    const { signal } = this.#stopping;
    const { isConnected, retryMs = usualRetryMs } = this.#deps;
    const refused = new Set<Kind>();
    while (isConnected()) {
      const before = refused.size;
      try {
        const records = this.#next(refused);
        if (records.length === 0) {
          if (refused.size === 0 || signal.aborted) break;
          await wait(retryMs, signal);
          refused.clear();
          continue;
        }
        await this.#send(records, refused);
        if (refused.size === 0) this.#lastFault = '';
      } catch (error) {
        // The next connection starts the pump again.
        if (!isConnected() || signal.aborted) break;
        this.#logFault(describeError(error));
        if (refused.size === before) await wait(retryMs, signal);
      }
    }
  }

  /** A kind that the broker does not allow must not hold up the other one. */
  #next(refused: ReadonlySet<Kind>): readonly OutboxRecord[] {
    const { outbox } = this.#deps;
    if (refused.size === 0) return outbox.waiting(windowSize);
    if (!refused.has('visit')) return outbox.waiting(windowSize, 'visit');
    return refused.has('minute') ? [] : outbox.waiting(windowSize, 'minute');
  }

  /** Marks what was acknowledged in one write, also if another record of the window failed. */
  async #send(records: readonly OutboxRecord[], refused: Set<Kind>): Promise<void> {
    const { publish, outbox } = this.#deps;
    const results = await Promise.allSettled(records.map((record) => publish(record, !this.#fresh.has(idOf(record)))));
    const acknowledged = records.filter((_, index) => results[index]!.status === 'fulfilled');
    if (acknowledged.length > 0) outbox.markPublished(acknowledged);
    for (const record of acknowledged) this.#fresh.delete(idOf(record));
    const failed = results.find((result) => result.status === 'rejected');
    if (!failed) return;
    for (const [index, { kind }] of records.entries()) if (results[index]!.status === 'rejected') refused.add(kind);
    throw failed.reason;
  }

  #logFault(fault: string): void {
    if (fault === this.#lastFault) return;
    this.#lastFault = fault;
    this.#deps.log.warn(`records wait in the outbox: ${fault}`);
  }
}
