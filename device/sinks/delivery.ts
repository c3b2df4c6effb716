import type { Part } from '../core/lifecycle.ts';
import type { Log } from '../core/log.ts';
import type { MinuteLog, Receiver, VisitLog } from '../core/sink.ts';
import type { Minute, Reading, Visit } from '../core/types.ts';

export interface DeliveryDeps {
  readonly visits: VisitLog;
  readonly minutes: MinuteLog;
  readonly receivers: readonly Receiver[];
  readonly log: Log;
  /** Interval of the checks for ended visits and minutes, in ms. */
  readonly tickMs: number;
  /** Maximum part of a stay that a kill may cost, in ms. */
  readonly sampleMs: number;
}

/** Share of the sampling interval between two reports on the stays. The rest is for the write of the report. */
const staysShare = 0.9;

/** Hands each reading, and the visits made from the readings, to all receivers. */
export class Delivery implements Part {
  readonly name = 'delivery';
  readonly #deps: DeliveryDeps;
  #ticker: NodeJS.Timeout | undefined;
  /** The readings' clock at the last report on the stays. */
  #staysMono = Number.NEGATIVE_INFINITY;

  constructor(deps: DeliveryDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#ticker = setInterval(() => this.tick(), this.#deps.tickMs);
  }

  /** Ends the visits and the minute in progress. */
  stop(): void {
    clearInterval(this.#ticker);
    this.#endVisits(this.#deps.visits.flush());
    this.#endMinutes(this.#deps.minutes.flush());
  }

  onReading(reading: Reading): void {
    this.#deliver((receiver) => receiver.onReading?.(reading));
    this.#deps.minutes.onReading(reading);
    this.#endVisits(this.#deps.visits.update(reading));
    this.#reportStays(reading.mono);
  }

  /** Ends what is due, and reports the minute in progress. The timer of `start` calls it. */
  tick(): void {
    const { visits, minutes } = this.#deps;
    this.#endVisits(visits.tick());
    minutes.onStays(visits.ongoing());
    this.#endMinutes(minutes.tick());
    const open = minutes.ongoing();
    this.#deliver((receiver) => receiver.onOpenMinute?.(open));
  }

  /** By the readings' clock, which the dwell is measured on. A clock that runs backwards is that of a new vision process. */
  #reportStays(mono: number): void {
    const sinceMs = mono - this.#staysMono;
    if (sinceMs >= 0 && sinceMs < this.#deps.sampleMs * staysShare) return;
    this.#staysMono = mono;
    const stays = this.#deps.visits.ongoing();
    this.#deliver((receiver) => receiver.onStays?.(stays));
  }

  #endVisits(ended: readonly Visit[]): void {
    for (const visit of ended) {
      this.#deps.minutes.onVisit(visit);
      this.#deliver((receiver) => receiver.onVisit?.(visit));
    }
  }

  #endMinutes(ended: readonly Minute[]): void {
    for (const minute of ended) this.#deliver((receiver) => receiver.onMinute?.(minute));
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
