import { wait } from '../../core/clock.ts';
import { describeError } from '../../core/errors.ts';
import type { Log } from '../../core/log.ts';
import type { VisitOutbox } from '../../core/store.ts';
import type { Visit } from '../../core/types.ts';

/** Maximum number of unacknowledged messages: after a long outage one round trip per visit would be too slow. */
const windowSize = 20;
const retryMs = 5000;

export interface VisitPumpDeps {
  readonly outbox: VisitOutbox;
  readonly log: Log;
  readonly isConnected: () => boolean;
  /** Resolves with the broker's acknowledgement. */
  readonly publish: (visit: Visit, historical: boolean) => Promise<void>;
}

/** Publishes the visits of the outbox, oldest first, while connected. The acknowledgement of the broker marks a visit as published. */
export class VisitPump {
  readonly #deps: VisitPumpDeps;
  readonly #stopping = new AbortController();
  /** Visits that ended during this connection; all others are historical. */
  readonly #fresh = new Set<string>();
  #running: Promise<void> | undefined;
  #unsubscribe: (() => void) | undefined;
  #lastFault = '';

  constructor(deps: VisitPumpDeps) {
    this.#deps = deps;
  }

  /** Publishes each visit that enters the outbox from now on. */
  start(): void {
    this.#unsubscribe = this.#deps.outbox.subscribe((visit) => {
      if (this.#deps.isConnected()) this.#fresh.add(visit.id);
      // Visits that end together are published together.
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

  /** Publishes the present visits once more, and resolves when that is done or has failed. */
  async stop(): Promise<void> {
    this.#unsubscribe?.();
    this.run();
    this.#stopping.abort();
    await this.#running;
  }

  async #drain(): Promise<void> {
    const { signal } = this.#stopping;
    while (this.#deps.isConnected()) {
      try {
        const visits = this.#deps.outbox.unpublished(windowSize);
        if (visits.length === 0) break;
        await this.#send(visits);
        this.#lastFault = '';
      } catch (error) {
        // The next connection starts the pump again.
        if (!this.#deps.isConnected() || signal.aborted) break;
        this.#logFault(describeError(error));
        await wait(retryMs, signal);
      }
    }
  }

  async #send(visits: readonly Visit[]): Promise<void> {
    const results = await Promise.allSettled(visits.map((visit) => this.#sendOne(visit)));
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
  }

  async #sendOne(visit: Visit): Promise<void> {
    await this.#deps.publish(visit, !this.#fresh.has(visit.id));
    this.#deps.outbox.markPublished(visit.id);
    this.#fresh.delete(visit.id);
  }

  #logFault(fault: string): void {
    if (fault === this.#lastFault) return;
    this.#lastFault = fault;
    this.#deps.log.warn(`visits wait in the outbox: ${fault}`);
  }
}
