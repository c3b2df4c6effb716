import type { Part } from '../core/lifecycle.ts';
import type { Log } from '../core/log.ts';
import type { Receiver, VisitLog } from '../core/sink.ts';
import type { Reading, Visit } from '../core/types.ts';

export interface DeliveryDeps {
  readonly visits: VisitLog;
  readonly receivers: readonly Receiver[];
  readonly log: Log;
  /** Interval of the checks for ended visits and of the reports on visits in progress, in ms. */
  readonly tickMs: number;
}

/** Hands each reading, and the visits made from the readings, to all receivers. */
export class Delivery implements Part {
  readonly name = 'delivery';
  readonly #deps: DeliveryDeps;
  #ticker: NodeJS.Timeout | undefined;

  constructor(deps: DeliveryDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#ticker = setInterval(() => this.#tick(), this.#deps.tickMs);
  }

  /** Ends the visits in progress. */
  stop(): void {
    clearInterval(this.#ticker);
    this.#endVisits(this.#deps.visits.flush());
  }

  onReading(reading: Reading): void {
    this.#deliver((receiver) => receiver.onReading?.(reading));
    this.#endVisits(this.#deps.visits.update(reading));
  }

  #tick(): void {
    const { visits } = this.#deps;
    this.#endVisits(visits.tick());
    const stays = visits.ongoing();
    this.#deliver((receiver) => receiver.onStays?.(stays));
  }

  #endVisits(ended: readonly Visit[]): void {
    for (const visit of ended) this.#deliver((receiver) => receiver.onVisit?.(visit));
  }

  /** A receiver that throws against its contract must not keep the value from the others. */
  #deliver(hand: (receiver: Receiver) => void): void {
    for (const receiver of this.#deps.receivers) {
      try {
        hand(receiver);
      } catch (error) {
        this.#deps.log.error({ err: error, sink: receiver.name }, 'A sink failed');
      }
    }
  }
}
