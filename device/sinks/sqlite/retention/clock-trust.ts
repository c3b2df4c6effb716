import type { Database, Statement } from 'better-sqlite3';
import type { Clock } from '../../../core/clock.ts';
import type { Log } from '../../../core/log.ts';
import { firstNumber, nextNumber } from '../tables/numbering.ts';
import type { Keep } from './prunes.ts';

const dayMs = 86_400_000;
/** Running time after a jump until the clock is trusted again. */
const waitForMs = dayMs;
/** Interval between two notes of a trusted clock. */
const noteTrustedMs = 3_600_000;
/** Interval between two notes of a wait in progress. */
const noteWaitMs = 60_000;

/** The last row of each table at a moment of this boot. */
interface Mark {
  readonly mono: number;
  readonly samples: number;
  readonly visits: number;
  readonly minutes: number;
}

interface Statements {
  readonly database: Database;
  readonly last: Statement<[], Omit<Mark, 'mono'>>;
  readonly keep: Statement<[{ seenAt: number | null; waitMs: number }]>;
}

/**
 * Decides whether the wall clock is trusted for retention. A board without a real-time clock starts in the past, and a wrong
 * date would delete the whole log. A clock that differs by days from the times in the database, or that jumps by days while
 * running, is trusted after a day of running time, counted across restarts. In that day somebody can notice the wrong date.
 * If the clock was right (the device was off for long), retention goes on a day later. A further jump does not lengthen the
 * wait: otherwise a device that is suspended again and again would never delete anything.
 *
 * While the clock is trusted, daily marks (`clock_marks`) note the last row of each table at that time. They give the age of
 * rows that were logged while the clock was wrong.
 */
export class ClockTrust {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #bootId: string;
  /** Maximum difference of a trusted clock. */
  readonly #toleranceMs: number;
  readonly #keepMarksMs: number;
  readonly #marks: Mark[] = [];
  #statements: Statements | undefined;
  /** A moment at which the clock was trusted. */
  #reference: { readonly wall: number; readonly mono: number } | undefined;
  #waitMs: number | undefined;
  #tickedAt = 0;
  #noteAt = 0;

  constructor(deps: { clock: Clock; log: Log; bootId: string; keep: Keep }) {
    this.#clock = deps.clock;
    this.#log = deps.log;
    this.#bootId = deps.bootId;
    this.#toleranceMs = Math.min(dayMs, (deps.keep.visitsDays * dayMs) / 10);
    const { samplesDays, visitsDays, minutesDays } = deps.keep;
    this.#keepMarksMs = (Math.max(samplesDays, visitsDays, minutesDays) + 2) * dayMs;
  }

  opened(database: Database, { isIncomplete }: { isIncomplete: boolean }): void {
    this.#statements = {
      database,
      last: database.prepare(
        `SELECT ${nextNumber('samples', firstNumber)} - 1 AS samples, ${nextNumber('visits', firstNumber)} - 1 AS visits,
           ${nextNumber('minutes', firstNumber)} - 1 AS minutes`,
      ),
      keep: database.prepare(
        `INSERT INTO clock_state (n, seen_at, wait_ms) VALUES (1, @seenAt, @waitMs)
         ON CONFLICT (n) DO UPDATE SET seen_at = coalesce(excluded.seen_at, seen_at), wait_ms = excluded.wait_ms`,
      ),
    };
    if (this.#waitMs === undefined) this.#begin(database, isIncomplete);
    // Note it at the next tick.
    this.#noteAt = 0;
  }

  /** To be called about once a second. Returns whether the clock is trusted. */
  tick(): boolean {
    if (this.#waitMs === undefined) return false;
    const mono = this.#clock.mono();
    const passedMs = mono - this.#tickedAt;
    this.#tickedAt = mono;
    if (this.#waitMs > 0) this.#waitMs = Math.max(0, this.#waitMs - passedMs);
    else this.#watch();
    if (this.#waitMs === 0) this.#reference ??= { wall: this.#clock.now(), mono };
    if (mono >= this.#noteAt) this.#note();
    return this.#waitMs === 0;
  }

  /** Stores the rest of the wait, or that the clock was trusted until now. */
  keep(): void {
    if (this.#waitMs !== undefined) this.#note();
    this.#statements = undefined;
  }

  /** Compares the clock with the times in the database from before this boot. */
  #begin(database: Database, isIncomplete: boolean): void {
    const now = this.#clock.now();
    this.#tickedAt = this.#clock.mono();
    const state = database.prepare('SELECT seen_at AS seenAt, wait_ms AS waitMs FROM clock_state').get() as
      | { seenAt: number | null; waitMs: number }
      | undefined;
    const known = state?.seenAt ?? newestRow(database, this.#bootId);
    const gapMs = known === undefined ? 0 : now - known;
    if (Math.abs(gapMs) <= this.#toleranceMs && !isIncomplete) {
      this.#waitMs = 0;
      this.#reference = { wall: now, mono: this.#tickedAt };
      return;
    }
    this.#waitMs = state && state.waitMs > 0 ? state.waitMs : waitForMs;
    if (isIncomplete) return;
    const days = Math.abs(gapMs / dayMs).toFixed(1);
    const side = gapMs > 0 ? 'ahead of' : 'behind';
    this.#log.warn({ waitMs: this.#waitMs }, `the clock is ${days} days ${side} the log; ${later(this.#waitMs)}`);
  }

  /** Detects a jump while running. */
  #watch(): void {
    if (!this.#reference) return;
    const jumpedMs = this.#clock.now() - this.#reference.wall - (this.#clock.mono() - this.#reference.mono);
    if (Math.abs(jumpedMs) <= this.#toleranceMs) return;
    this.#reference = undefined;
    this.#waitMs = waitForMs;
    this.#noteAt = 0;
    const seconds = Math.round(jumpedMs / 1000);
    this.#log.warn({ seconds }, `the clock moved by ${seconds} s; ${later(waitForMs)}`);
  }

  /** Stores the state: a trusted clock with the marks of this boot, or the rest of the wait. */
  #note(): void {
    const { database, last, keep } = this.#statements!;
    const mono = this.#clock.mono();
    const now = this.#clock.now();
    const isTrusted = this.#waitMs === 0;
    if ((this.#marks.at(-1)?.mono ?? Number.NEGATIVE_INFINITY) <= mono - dayMs)
      this.#marks.push({ mono, ...last.get()! });
    while (this.#marks[0] && this.#marks[0].mono < mono - this.#keepMarksMs) this.#marks.shift();
    database.transaction(() => {
      keep.run({ seenAt: isTrusted ? Math.round(now) : null, waitMs: Math.round(this.#waitMs!) });
      if (isTrusted) this.#writeMarks(database, now, mono);
    })();
    if (isTrusted) this.#reference = { wall: now, mono };
    this.#noteAt = mono + (isTrusted ? noteTrustedMs : Math.min(noteWaitMs, this.#waitMs!));
  }

  /** Rewrites the marks of this boot: if the clock was set, their old times were wrong. */
  #writeMarks(database: Database, now: number, mono: number): void {
    const keepFrom = now - this.#keepMarksMs;
    database
      .prepare(
        `DELETE FROM clock_marks WHERE boot_id = ? OR seen_at > ?
           OR (seen_at < ? AND n < (SELECT max(n) FROM clock_marks WHERE seen_at < ?))`,
      )
      .run(this.#bootId, now, keepFrom, keepFrom);
    const insert = database.prepare(
      'INSERT INTO clock_marks (boot_id, seen_at, samples, visits, minutes) VALUES (?, ?, ?, ?, ?)',
    );
    for (const mark of this.#marks) {
      const seenAt = Math.round(now - (mono - mark.mono));
      insert.run(this.#bootId, seenAt, mark.samples, mark.visits, mark.minutes);
    }
  }
}

function later(waitMs: number): string {
  return `old rows are deleted after ${Math.ceil(waitMs / 3_600_000)} more hours of running`;
}

/** Time of the newest row; for `boots` only rows of earlier boots count. */
function newestRow(database: Database, bootId: string): number | undefined {
  const newest = database
    .prepare(
      `SELECT max(ts) FROM (
         SELECT max(ts) AS ts FROM samples UNION ALL SELECT max(started_at) FROM visits UNION ALL SELECT max(ended_at) FROM minutes
         UNION ALL SELECT max(started_at) FROM boots WHERE boot_id <> ?)`,
    )
    .pluck()
    .get(bootId) as number | null;
  return newest ?? undefined;
}
