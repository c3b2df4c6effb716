import type { Database } from 'better-sqlite3';
import type { Clock } from '../../../core/clock.ts';
import type { Log } from '../../../core/log.ts';
import { ClockTrust } from './clock-trust.ts';
import { createPrunes, type Prunes } from './prunes.ts';

const rowsPrunedPerTick = 1000;
const pruneEveryMs = 3_600_000;
const dayMs = 86_400_000;
/** A round, of which there is one an hour, deletes at most this span of the log. */
const roundSpanMs = dayMs;

export interface RetentionDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly bootId: string;
  readonly retentionDays: number;
  readonly keepUnpublished: boolean;
}

/**
 * Deletes rows older than `retentionDays`: an hourly round, a span of a day at most, in small transactions; and only while
 * the wall clock agrees with what the database knows (see clock-trust.ts).
 */
export class Retention {
  readonly #deps: RetentionDeps;
  readonly #trust: ClockTrust;
  #prunes: Prunes | undefined;
  #pruneAt = 0;
  #deleted = 0;
  /** Until when the rows of a round reach. */
  #round: { readonly samples: number; readonly visits: number } | undefined;

  constructor(deps: RetentionDeps) {
    this.#deps = deps;
    this.#trust = new ClockTrust(deps);
  }

  /** To be called with each new connection. `isIncomplete`: rows of an earlier database are still to come. */
  opened(database: Database, { isIncomplete }: { isIncomplete: boolean }): void {
    this.#prunes = createPrunes(database, this.#deps);
    this.#round = undefined;
    this.#trust.opened(database, { isIncomplete });
  }

  /** Call it about once a second. @throws what SQLite throws */
  tick(): void {
    const { clock } = this.#deps;
    if (!this.#trust.tick() || !this.#prunes || clock.mono() < this.#pruneAt) return;
    const now = clock.now();
    this.#round ??= this.#beginRound(now);
    const deleted = this.#prunes.run(this.#round, now, rowsPrunedPerTick);
    this.#deleted += deleted;
    if (deleted > 0) return;
    const { retentionDays, log } = this.#deps;
    if (this.#deleted > 0) log.info({ rows: this.#deleted }, `deleted rows older than ${retentionDays} days`);
    this.#deleted = 0;
    this.#round = undefined;
    this.#pruneAt = clock.mono() + pruneEveryMs;
  }

  /** Keeps what was waited for. @throws what SQLite throws */
  close(): void {
    this.#trust.keep();
    this.#prunes = undefined;
  }

  #beginRound(now: number): { samples: number; visits: number } {
    const due = now - this.#deps.retentionDays * dayMs;
    const oldest = this.#prunes!.begin(due, now);
    const until = (ts: number | undefined) => Math.min(due, (ts ?? due) + roundSpanMs);
    return { samples: until(oldest.samples), visits: until(oldest.visits) };
  }
}
