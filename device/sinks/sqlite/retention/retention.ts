import type { Database } from 'better-sqlite3';
import type { Clock } from '../../../core/clock.ts';
import { describeError } from '../../../core/errors.ts';
import type { Log } from '../../../core/log.ts';
import { ClockTrust } from './clock-trust.ts';
import { deleteOldCopies } from './old-copies.ts';
import { createPrunes, type Keep, type Kind, kinds, type Prunes } from './prunes.ts';

const rowsPrunedPerTick = 1000;
/** Time after which a tick begins no further transaction. */
const maxTickMs = 10;
const pruneEveryMs = 3_600_000;
const dayMs = 86_400_000;
/** Maximum span of the log that an hourly round deletes. */
const roundSpanMs = dayMs;
/** Maximum number of unpublished visits that retention keeps; older ones are deleted although no broker has them. */
const defaultOutboxLimit = 100_000;

export interface RetentionDeps {
  /** Path of the database. */
  readonly file: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly bootId: string;
  readonly keep: Keep;
  readonly keepUnpublished: boolean;
  readonly outboxLimit?: number;
}

/**
 * Deletes old rows of each table: an hourly round, a span of a day at most, in small transactions. Then it deletes old copies
 * of the log (see old-copies.ts). It deletes only while the wall clock is trusted (see clock-trust.ts).
 */
export class Retention {
  readonly #deps: RetentionDeps;
  readonly #trust: ClockTrust;
  #prunes: Prunes | undefined;
  #pruneAt = 0;
  #deleted = 0;
  /** Rows before these times are deleted in the current round. */
  #round: Readonly<Record<Kind, number>> | undefined;

  constructor(deps: RetentionDeps) {
    this.#deps = deps;
    this.#trust = new ClockTrust(deps);
  }

  /** To be called with each new connection. @param isIncomplete rows of a damaged database are still being copied */
  opened(database: Database, { isIncomplete }: { isIncomplete: boolean }): void {
    this.#prunes = createPrunes(database, { ...this.#deps, outboxLimit: this.#deps.outboxLimit ?? defaultOutboxLimit });
    this.#round = undefined;
    this.#trust.opened(database, { isIncomplete });
  }

  /** To be called about once a second. @throws errors of SQLite */
  tick(): void {
    const { clock, log, keep } = this.#deps;
    const prunes = this.#prunes;
    if (!this.#trust.tick() || !prunes || clock.mono() < this.#pruneAt) return;
    const now = clock.now();
    const round = this.#round ?? this.#beginRound(prunes, now);
    this.#round = round;
    const startedAt = performance.now();
    let deleted = 0;
    for (const kind of kinds) {
      deleted += prunes[kind].run(round[kind], now, rowsPrunedPerTick);
      // The other kinds follow at a later tick, once this one has no old rows left.
      if (deleted > 0 && performance.now() - startedAt > maxTickMs) break;
    }
    this.#deleted += deleted;
    if (deleted > 0) return;
    if (this.#deleted > 0) log.info({ rows: this.#deleted, keep }, 'deleted old rows');
    this.#deleted = 0;
    this.#round = undefined;
    this.#deleteCopies(now);
    this.#pruneAt = clock.mono() + pruneEveryMs;
  }

  /** Stores the state of the clock. @throws errors of SQLite */
  close(): void {
    this.#trust.keep();
    this.#prunes = undefined;
  }

  /** Visits in a copy would outlive their period in the log. */
  #deleteCopies(now: number): void {
    const { file, log, keep } = this.#deps;
    const { visitsDays } = keep;
    try {
      const copies = deleteOldCopies(file, now - visitsDays * dayMs);
      if (copies.length > 0) log.info({ copies, visitsDays }, `deleted old copies of the log: ${copies.join(', ')}`);
    } catch (error) {
      // The log itself works. The next round tries again.
      const remedy = `delete mien.db.before-*, .damaged-* and .replaced-* older than ${visitsDays} days`;
      log.warn(`cannot delete old copies of the log (${describeError(error)}); ${remedy}`);
    }
  }

  #beginRound(prunes: Prunes, now: number): Readonly<Record<Kind, number>> {
    const until = (kind: Kind) => {
      const due = now - this.#deps.keep[`${kind}Days`] * dayMs;
      return Math.min(due, (prunes[kind].begin(due, now) ?? due) + roundSpanMs);
    };
    return { samples: until('samples'), visits: until('visits'), minutes: until('minutes'), hours: until('hours') };
  }
}
