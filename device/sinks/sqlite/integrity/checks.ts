import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Database } from 'better-sqlite3';
import { type Clock, wait } from '../../../core/clock.ts';
import { describeError } from '../../../core/errors.ts';
import type { Log } from '../../../core/log.ts';
import { endBeforeDaemon } from '../../../core/oom-score.ts';
import { unsalvagedFiles } from '../opening/damaged.ts';
import type { FromIntegrity } from './integrity-main.ts';
import { type LastCheck, readLastCheck, writeLastCheck } from './last-check.ts';

const dayMs = 86_400_000;
export const checkEveryMs = 7 * dayMs;
/** Running time between two checks, whatever the wall clock says. */
const minRanMs = dayMs;
/** The first minutes after a start belong to the camera and the models. */
const defaultAfterStartMs = 300_000;
const retryMs = 3_600_000;
const noteEveryMs = 3_600_000;
const killWaitMs = 1000;

export interface ChecksDeps {
  readonly file: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Time from the start to the first check, in ms (default: 300,000). */
  readonly checkAfterMs?: number;
  /** The file that the process runs; tests start the built one. */
  readonly integrityEntry?: URL;
  readonly onDamage: (inode: number, finding: string) => void;
}

/**
 * Checks the database in its own process: each week, and after an end without a stop (power cut, kill). The week is running
 * time; the wall clock can shorten it to a day, for a device that is off at night.
 */
export class Checks {
  readonly #deps: ChecksDeps;
  #database: Database | undefined;
  #last: LastCheck | undefined;
  #child: ChildProcess | undefined;
  #tickedAt: number;
  #checkAt: number;
  #noteAt = 0;

  constructor(deps: ChecksDeps) {
    this.#deps = deps;
    this.#tickedAt = deps.clock.mono();
    this.#checkAt = this.#tickedAt + (deps.checkAfterMs ?? defaultAfterStartMs);
  }

  /** To be called with each new connection. @throws errors of SQLite */
  opened(database: Database): void {
    this.#end();
    const isFirst = this.#last === undefined;
    const { isOpen, ranMs, checkedAt } = readLastCheck(database);
    this.#database = database;
    this.#last = { isOpen: true, ranMs: isOpen && isFirst ? Math.max(ranMs, checkEveryMs) : ranMs, checkedAt };
    // Write it at the next tick.
    this.#noteAt = 0;
  }

  /** To be called about once a second. @throws errors of SQLite */
  tick(): void {
    const { clock, file } = this.#deps;
    const mono = clock.mono();
    if (!this.#database || !this.#last) return;
    this.#last = { ...this.#last, ranMs: this.#last.ranMs + mono - this.#tickedAt };
    this.#tickedAt = mono;
    if (mono >= this.#noteAt) {
      writeLastCheck(this.#database, this.#last);
      this.#noteAt = mono + noteEveryMs;
    }
    if (this.#child || mono < this.#checkAt || !this.#isDue(this.#last)) return;
    // The salvage needs the disk, and writes a database that is checked afterwards.
    if (unsalvagedFiles(file).length === 0) this.#begin();
  }

  /** To be called last, before the database is closed: the end was clean. @throws errors of SQLite */
  close(): void {
    if (this.#database && this.#last) writeLastCheck(this.#database, { ...this.#last, isOpen: false });
    this.#database = undefined;
  }

  /** Ends a check in progress. It keeps the write-ahead log from being removed. */
  async stop(): Promise<void> {
    const child = this.#child;
    this.#end();
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const closed = new AbortController();
    child.once('close', () => closed.abort());
    // A process that waits for a dead disk ends later. The stop does not wait for it.
    await wait(killWaitMs, closed.signal);
  }

  #isDue({ ranMs, checkedAt }: LastCheck): boolean {
    if (ranMs >= checkEveryMs) return true;
    return checkedAt !== undefined && ranMs >= minRanMs && this.#deps.clock.now() - checkedAt >= checkEveryMs;
  }

  #begin(): void {
    const { file, clock, integrityEntry = new URL('./integrity-main.js', import.meta.url) } = this.#deps;
    this.#checkAt = clock.mono() + retryMs;
    // No environment: it may hold secrets.
    const child = fork(fileURLToPath(integrityEntry), [file], { execArgv: [], env: {}, stdio: 'ignore' });
    this.#child = child;
    endBeforeDaemon(child.pid);
    const onEnd = (result: FromIntegrity) => {
      if (this.#child !== child) return;
      this.#child = undefined;
      this.#onResult(result);
    };
    child.once('message', (result) => onEnd(result as FromIntegrity));
    child.once('error', (error) => onEnd({ kind: 'unknown', why: describeError(error) }));
    child.once('close', () => onEnd({ kind: 'unknown', why: 'its process has ended' }));
  }

  #onResult(result: FromIntegrity): void {
    const { log, clock, onDamage } = this.#deps;
    if (result.kind === 'damaged') {
      onDamage(result.inode, `the integrity check found: ${result.finding}`);
      return;
    }
    if (result.kind === 'unknown') {
      log.warn(`the database was not checked: ${result.why}; the next try follows in an hour`);
      return;
    }
    log.debug('the integrity check found no damage');
    this.#last = { isOpen: true, ranMs: 0, checkedAt: clock.now() };
    this.#noteAt = 0;
  }

  #end(): void {
    this.#child?.kill('SIGKILL');
    this.#child = undefined;
  }
}
