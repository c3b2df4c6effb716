import { type Clock, wait } from '../../core/clock.ts';
import { describeError } from '../../core/errors.ts';
import type { Log } from '../../core/log.ts';
import { idOf, type Outbox, type OutboxRecord } from '../../core/store.ts';

/** Maximum number of unacknowledged messages: after a long outage one round trip per record would be too slow. */
const windowSize = 20;
const usualRetryMs = 5000;
/** Age up to which a record is about the present. A record waits longer only for a broker that refuses its kind, or behind many. */
const freshMs = 10_000;

type Kind = OutboxRecord['kind'];

export interface RecordPumpDeps {
  readonly outbox: Outbox;
  readonly clock: Clock;
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
  /** Monotonic times at which the records of this connection were made, oldest first. All others are historical. */
  readonly #madeAt = new Map<string, number>();
  /** Monotonic times until which the kinds wait that the broker has refused. */
  readonly #heldUntil = new Map<Kind, number>();
  /** Ends the wait for them. */
  #nap = new AbortController();
  #running: Promise<void> | undefined;
  #unsubscribe: (() => void) | undefined;
  #lastFault = '';

  constructor(deps: RecordPumpDeps) {
    this.#deps = deps;
  }

  /** Publishes each record that enters the outbox from now on. */
  start(): void {
    this.#unsubscribe = this.#deps.outbox.subscribe((record) => {
      this.#forgetOld();
      if (this.#deps.isConnected()) this.#madeAt.set(idOf(record), this.#deps.clock.mono());
      // Records that are made together are published together.
      setImmediate(() => this.run());
    });
  }

  /** The next connection may have other rights. */
  connectionLost(): void {
    this.#madeAt.clear();
    this.#heldUntil.clear();
  }

  run(): void {
    this.#nap.abort();
    if (!this.#running && !this.#stopping.signal.aborted) {
      this.#running = this.#drain().finally(() => (this.#running = undefined));
    }
  }

  /** Publishes the present records once more, and resolves when that is done or has failed. */
  async stop(): Promise<void> {
    this.#unsubscribe?.();
    this.run();
    this.#stopping.abort();
    this.#nap.abort();
    await this.#running;
  }

  async #drain(): Promise<void> {
    const { signal } = this.#stopping;
    const { isConnected } = this.#deps;
    // The next connection starts the pump again.
    while (isConnected()) {
      try {
        const records = this.#next();
        if (records.length > 0) await this.#send(records);
        else if (this.#heldUntil.size === 0 || signal.aborted) break;
        else await this.#rest();
      } catch (error) {
        // The outbox fails.
        this.#hold(['visit', 'minute'], error);
      }
    }
  }

  /** Waits until the first kind may be tried again, or `run` is called. */
  #rest(): Promise<void> {
    this.#nap = new AbortController();
    return wait(Math.min(...this.#heldUntil.values()) - this.#deps.clock.mono(), this.#nap.signal);
  }

  /** A kind that the broker does not allow must not hold up the other one. */
  #next(): readonly OutboxRecord[] {
    const { outbox, clock } = this.#deps;
    const held = this.#heldUntil;
    for (const [kind, until] of held) if (until <= clock.mono()) held.delete(kind);
    if (held.size === 0) return outbox.waiting(windowSize);
    if (!held.has('visit')) return outbox.waiting(windowSize, 'visit');
    return held.has('minute') ? [] : outbox.waiting(windowSize, 'minute');
  }

  /** Marks what was acknowledged in one write, also if another record of the window failed. */
  async #send(records: readonly OutboxRecord[]): Promise<void> {
    const { publish, outbox, isConnected } = this.#deps;
    this.#forgetOld();
    const results = await Promise.allSettled(records.map((record) => publish(record, !this.#madeAt.has(idOf(record)))));
    const acknowledged = records.filter((_, index) => results[index]!.status === 'fulfilled');
    if (acknowledged.length > 0) outbox.markPublished(acknowledged);
    for (const record of acknowledged) this.#madeAt.delete(idOf(record));
    const failed = results.find((result) => result.status === 'rejected');
    if (!failed && this.#heldUntil.size === 0) this.#lastFault = '';
    // What a lost connection has interrupted is no refusal.
    if (!failed || !isConnected()) return;
    const refused = records.filter((_, index) => results[index]!.status === 'rejected');
    const kinds = refused.map(({ kind }) => kind);
    this.#hold(kinds, failed.reason);
  }

  #forgetOld(): void {
    const since = this.#deps.clock.mono() - freshMs;
    for (const [id, at] of this.#madeAt) if (at < since) this.#madeAt.delete(id);
  }

  #hold(kinds: readonly Kind[], error: unknown): void {
    const { clock, retryMs = usualRetryMs } = this.#deps;
    for (const kind of kinds) this.#heldUntil.set(kind, clock.mono() + retryMs);
    this.#logFault(describeError(error));
  }

  #logFault(fault: string): void {
    if (fault === this.#lastFault) return;
    this.#lastFault = fault;
    this.#deps.log.warn(`records wait in the outbox: ${fault}`);
  }
}
