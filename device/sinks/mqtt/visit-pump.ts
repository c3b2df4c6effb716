import { wait } from '../../core/clock.ts';
import { describeError } from '../../core/errors.ts';
import type { Log } from '../../core/log.ts';
import type { VisitOutbox } from '../../core/store.ts';
import type { Visit } from '../../core/types.ts';

/** Messages in flight at once: a long outage must not take a round trip a visit to catch up. */
const windowSize = 20;
const retryMs = 5000;

export interface VisitPumpDeps {
  readonly outbox: VisitOutbox;
  readonly log: Log;
  readonly isConnected: () => boolean;
  /** Resolves with the broker's acknowledgement. */
  readonly publish: (visit: Visit, historical: boolean) => Promise<void>;
}

/** Empties the outbox, oldest first, while there is a connection; a visit leaves it with the broker's acknowledgement. */
export class VisitPump {
  readonly #deps: VisitPumpDeps;
  readonly #stopping = new AbortController();
  /** Visits that ended during this connection; all others are told late. */
  readonly #fresh = new Set<string>();
  #running: Promise<void> | undefined;
  #unsubscribe: (() => void) | undefined;
  #lastTrouble = '';

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

  /** Takes what is there now, and resolves when it is through or has failed. */
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
        this.#lastTrouble = '';
      } catch (error) {
        // Without a connection the next one starts the pump again.
        if (!this.#deps.isConnected() || signal.aborted) break;
        this.#tell(describeError(error));
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

  #tell(trouble: string): void {
    if (trouble === this.#lastTrouble) return;
    this.#lastTrouble = trouble;
    this.#deps.log.warn(`visits wait in the outbox: ${trouble}`);
  }
}
