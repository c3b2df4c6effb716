import type { Database, Statement } from 'better-sqlite3';
import type { Clock } from '../../../core/clock.ts';
import type { Log } from '../../../core/log.ts';
import { firstNumber, nextNumber } from '../tables/numbering.ts';

const dayMs = 86_400_000;
/** Running time for which a clock that has jumped must go on before it is believed. */
const waitForMs = dayMs;
/** So often a trusted clock is noted, and a wait that is under way. */
const noteTrustedMs = 3_600_000;
const noteWaitMs = 60_000;

/** The last row of each table at a moment of this boot. */
interface Mark {
  readonly mono: number;
  readonly samples: number;
  readonly visits: number;
}

interface Statements {
  readonly database: Database;
  readonly last: Statement<[], { samples: number; visits: number }>;
  readonly keep: Statement<[{ seenAt: number | null; waitMs: number }]>;
}

/**
 * Whether the wall clock may be believed when it says that rows are old. A board without a clock starts in the past, a wrong
 * date would delete the whole log: a clock that is days away from what the database knows, or that jumps by days while
 * running, is believed after a day of running time. That day is counted over restarts. By then somebody has seen it, or it
 * was right: a device that was switched off for long goes on a day later. A further jump does not lengthen the wait: a device
 * that is suspended again and again would never delete anything.
 *
 * While the clock is believed, daily marks (`clock_marks`) note which rows there were at that time. They tell the age of
 * rows that were logged by a wrong clock.
 */
export class ClockTrust {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #bootId: string;
  /** By so much a clock may be away. */
  readonly #toleranceMs: number;
  readonly #keepMarksMs: number;
  readonly #marks: Mark[] = [];
  #statements: Statements | undefined;
  /** A moment at which the clock was believed. */
  #reference: { readonly wall: number; readonly mono: number } | undefined;
  #waitMs: number | undefined;
  #tickedAt = 0;
  #noteAt = 0;

  constructor(deps: { clock: Clock; log: Log; bootId: string; retentionDays: number }) {
    this.#clock = deps.clock;
    this.#log = deps.log;
    this.#bootId = deps.bootId;
    this.#toleranceMs = Math.min(dayMs, (deps.retentionDays * dayMs) / 10);
    this.#keepMarksMs = (deps.retentionDays + 2) * dayMs;
  }

  opened(database: Database, { isIncomplete }: { isIncomplete: boolean }): void {
    this.#statements = {
      database,
      last: database.prepare(
        `SELECT ${nextNumber('samples', firstNumber)} - 1 AS samples, ${nextNumber('visits', firstNumber)} - 1 AS visits`,
      ),
      keep: database.prepare(
        `INSERT INTO clock_state (n, seen_at, wait_ms) VALUES (1, @seenAt, @waitMs)
         ON CONFLICT (n) DO UPDATE SET seen_at = coalesce(excluded.seen_at, seen_at), wait_ms = excluded.wait_ms`,
      ),
    };
    if (this.#waitMs === undefined) this.#begin(database, isIncomplete);
    // With the next tick.
    this.#noteAt = 0;
  }

  /** Call it about once a second; whether the clock is believed. */
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

  /** Keeps how long was waited, or that the clock was believed until now. */
  keep(): void {
    if (this.#waitMs !== undefined) this.#note();
    this.#statements = undefined;
  }

  /** Compares the clock with what the database knows of the time before this boot. */
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

  /** Notices a jump while running. */
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

  /** Writes down how things are: a believed clock with this boot's marks, or what is left of the wait. */
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

  /** Those of this boot anew: when the clock was set, their times by the old one were wrong. */
  #writeMarks(database: Database, now: number, mono: number): void {
    const keepFrom = now - this.#keepMarksMs;
    database
      .prepare(
        `DELETE FROM clock_marks WHERE boot_id = ? OR seen_at > ?
           OR (seen_at < ? AND n < (SELECT max(n) FROM clock_marks WHERE seen_at < ?))`,
      )
      .run(this.#bootId, now, keepFrom, keepFrom);
    const insert = database.prepare('INSERT INTO clock_marks (boot_id, seen_at, samples, visits) VALUES (?, ?, ?, ?)');
    for (const mark of this.#marks) {
      insert.run(this.#bootId, Math.round(now - (mono - mark.mono)), mark.samples, mark.visits);
    }
  }
}

function later(waitMs: number): string {
  return `old rows are deleted after ${Math.ceil(waitMs / 3_600_000)} more hours of running`;
}

/** Time of the newest row, of those that an earlier boot wrote where that can be told. */
function newestRow(database: Database, bootId: string): number | undefined {
  const newest = database
    .prepare(
      `SELECT max(ts) FROM (
         SELECT max(ts) AS ts FROM samples UNION ALL SELECT max(started_at) FROM visits
         UNION ALL SELECT max(started_at) FROM boots WHERE boot_id <> ?)`,
    )
    .pluck()
    .get(bootId) as number | null;
  return newest ?? undefined;
}
