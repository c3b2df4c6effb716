import type { Clock } from '../../../core/clock.ts';
import type { Log } from '../../../core/log.ts';
import type { StateBoard } from '../../../core/state.ts';
import type { OutboxCondition } from '../../../core/store.ts';
import type { Session } from '../opening/session.ts';
import type { Backlog } from './backlog.ts';

const showEveryMs = 5000;
/** Another connection (the salvage thread) may add records. */
const recountEveryMs = 60_000;
/** Time without a loss after which the outbox counts as healthy, and minimum interval of the warnings. */
const quietMs = 600_000;

export interface OutboxWatchDeps {
  readonly board: StateBoard;
  readonly clock: Clock;
  readonly log: Log;
  readonly session: Session;
  readonly backlog: Backlog;
  readonly limit: number;
}

/** Shows on the state board how many records wait for the broker, and reports those that are dropped. */
export class OutboxWatch {
  readonly #deps: OutboxWatchDeps;
  #shownAt = Number.NEGATIVE_INFINITY;
  #countedAt = Number.NEGATIVE_INFINITY;
  #lost: number | undefined;
  #lostAt = Number.NEGATIVE_INFINITY;
  /** Whether the newest loss was in memory, because the database could not be written. */
  #isMemoryFull = false;
  #lostInMemory = 0;
  #warnedAt = Number.NEGATIVE_INFINITY;
  #warnedLost = 0;

  constructor(deps: OutboxWatchDeps) {
    this.#deps = deps;
  }

  /** To be called about once a second. @throws errors of SQLite */
  tick(): void {
    const { clock, board, session } = this.#deps;
    const now = clock.mono();
    if (now - this.#shownAt < showEveryMs || !session.connection) return;
    this.#shownAt = now;
    if (now - this.#countedAt >= recountEveryMs) {
      this.#countedAt = now;
      session.connection.writer.bound.recount();
    }
    const outbox = this.#withMemory(session.connection.writer.bound.condition());
    board.update('store', { outbox });
    this.#watchLoss(outbox.lost, now);
  }

  #withMemory(stored: OutboxCondition): OutboxCondition {
    const { records, published, lostRecords } = this.#deps.backlog;
    const waiting = Math.max(0, stored.waiting + records.length - published.size);
    return { ...stored, waiting, lost: stored.lost + lostRecords };
  }

  #watchLoss(lost: number, now: number): void {
    const { log, limit, session, backlog } = this.#deps;
    const before = this.#lost ?? lost;
    this.#lost = lost;
    if (lost > before) {
      this.#lostAt = now;
      this.#isMemoryFull = backlog.allLostRecords > this.#lostInMemory;
    }
    this.#lostInMemory = backlog.allLostRecords;
    const isLosing = now - this.#lostAt < quietMs;
    session.remark('outbox', isLosing ? this.#explain(lost) : undefined);
    if (lost === before || now - this.#warnedAt < quietMs) return;
    const dropped = lost - Math.max(before, this.#warnedLost);
    const full = this.#isMemoryFull ? 'memory was full while the database could not be written' : 'the outbox is full';
    log.warn({ lost, limit }, `${full}: ${dropped} records were dropped unsent`);
    this.#warnedAt = now;
    this.#warnedLost = lost;
  }

  #explain(lost: number): string {
    if (this.#isMemoryFull)
      return `While the database could not be written, memory was full, and records were dropped unsent (${lost} so far). Check the disk.`;
    const { limit } = this.#deps;
    return `More than ${limit} records wait for the broker, and the oldest visits are dropped (${lost} so far). Check the broker and mqtt.url, or set store.outboxLimit higher.`;
  }
}
