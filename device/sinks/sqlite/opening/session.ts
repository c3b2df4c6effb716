import type { Database } from 'better-sqlite3';
import { Backoff } from '../../../core/backoff.ts';
import type { Clock } from '../../../core/clock.ts';
import type { MienError } from '../../../core/errors.ts';
import type { Log } from '../../../core/log.ts';
import type { StateBoard } from '../../../core/state.ts';
import type { Backlog } from '../outbox/backlog.ts';
import { Salvaging } from '../salvage/salvaging.ts';
import { isAlreadyUsed } from './claim.ts';
import { Condition } from './condition.ts';
import { assertFileIsThere, type Connection, closeDamaged } from './connection.ts';
import { connectionOutlives, damage, explainStoreFault, isDamage, isLocked } from './fault.ts';
import { Opening } from './opening.ts';
import { CopyNeeded, Updating } from './updating.ts';

/** Longest wait of a stop for the copy before an update, where rows wait in memory. */
const lastCopyMs = 1000;
/** Delay of the next try after a lock of our own salvage thread, which lasts for some milliseconds. */
const briefLockMs = 200;

export interface SessionDeps {
  readonly file: string;
  readonly bootId: string;
  readonly sampleMs: number;
  readonly outboxLimit?: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly board: StateBoard;
  /** Its size is part of the condition on the board. */
  readonly backlog: Backlog;
  readonly openDatabase?: (file: string) => Database;
  readonly salvageEntry?: URL;
  readonly backupEntry?: URL;
  /** Called with each new connection. */
  readonly onOpened: (connection: Connection) => void;
  /** Writes a batch of the backlog. A fault is over once this succeeds. */
  readonly write: () => void;
  /** Called when a fault is over: the rest of the backlog can be written. */
  readonly onRecovered: () => void;
}

/**
 * Keeps the database open. A fault (disk full, folder gone or read-only, a newer schema) is shown on the state board, and the
 * next try follows with stepped backoff. A damaged database is set aside (see damaged.ts), and a new one takes its place. One
 * of an older schema is copied before it is updated (see updating.ts).
 */
export class Session {
  readonly #deps: SessionDeps;
  readonly #condition: Condition;
  readonly #opening: Opening;
  readonly #salvaging: Salvaging;
  readonly #updating: Updating;
  readonly #backoff = new Backoff([1000, 2000, 5000, 10_000, 30_000]);
  #connection: Connection | undefined;
  #fault: MienError | undefined;
  readonly #remarks = new Map<string, string>();
  #retry: NodeJS.Timeout | undefined;

  constructor(deps: SessionDeps) {
    this.#deps = deps;
    this.#condition = new Condition(deps);
    this.#updating = new Updating({
      ...deps,
      onReady: () => this.#tryAgain(),
      onRefused: (fault) => this.fail(fault),
      entry: deps.backupEntry,
    });
    this.#opening = new Opening({ ...deps, beforeUpdate: (version) => this.#updating.before(version) });
    this.#salvaging = new Salvaging({ ...deps, onChange: () => this.#showHealthy(), entry: deps.salvageEntry });
  }

  /** Undefined while the database is closed; a connection may be there during a fault. */
  get connection(): Connection | undefined {
    return this.#connection;
  }

  /** Set while retries go on. */
  get fault(): MienError | undefined {
    return this.#fault;
  }

  /** Whether the update of the database waits for a copy. */
  get isUpdating(): boolean {
    return this.#fault instanceof CopyNeeded;
  }

  /** @throws MienError (unavailable) if another process uses the data folder; every other fault starts the retries */
  start(): void {
    try {
      this.#open();
      this.#showHealthy();
      this.#deps.log.info({ file: this.#deps.file }, 'database open');
    } catch (error) {
      if (isAlreadyUsed(error)) throw error;
      this.fail(error);
    }
  }

  /** @param writeAll writes the whole backlog, before the database is closed */
  async stop(writeAll: () => void): Promise<void> {
    clearTimeout(this.#retry);
    await this.#salvaging.stop();
    await (this.#deps.backlog.isEmpty ? this.#updating.abandon() : this.#updating.hurry(lastCopyMs));
    clearTimeout(this.#retry);
    try {
      if (this.#fault && !(this.isUpdating && this.#deps.backlog.isEmpty)) this.#reopenIfBroken(this.#fault);
      writeAll();
      this.#connection?.database.pragma('wal_checkpoint(TRUNCATE)');
    } catch (error) {
      this.#condition.stopped(this.#explain(error));
    }
    // The last try may have started the salvage again.
    await this.#salvaging.stop();
    this.#connection?.database.close();
    this.#connection = undefined;
    this.#opening.close();
  }

  /** @throws MienError if the database is closed */
  openConnection(): Connection {
    if (this.#connection) return this.#connection;
    throw this.#fault ?? new Error('the database is not open');
  }

  /** `openConnection` for a write. @throws also if the file was moved or deleted */
  writableConnection(): Connection {
    const connection = this.openConnection();
    assertFileIsThere(this.#deps.file, connection);
    return connection;
  }

  /** Shows the fault and schedules the next try. */
  fail(error: unknown): void {
    const fault = this.#explain(error);
    this.#fault = fault;
    clearTimeout(this.#retry);
    if (fault instanceof CopyNeeded) {
      this.#condition.starting(`${fault.message}. Rows wait in memory until then.`);
      this.#updating.start(fault);
      return;
    }
    const isBrief = isLocked(fault) && this.#salvaging.isRunning && !this.#condition.isFailing;
    if (!isBrief) this.#condition.failing(fault);
    this.#retry = setTimeout(() => this.#tryAgain(), isBrief ? briefLockMs : this.#backoff.next());
  }

  /** Another reader found the database with this inode damaged. */
  reportDamage(inode: number, message: string): void {
    if (!this.#fault && this.#connection?.inode === inode) this.fail(damage(message));
  }

  /** Shows a restriction of a database that works; undefined without one. @param source each has one remark at a time */
  remark(source: 'outbox' | 'space', remark: string | undefined): void {
    if (remark === this.#remarks.get(source)) return;
    if (remark === undefined) this.#remarks.delete(source);
    else this.#remarks.set(source, remark);
    this.#showHealthy();
  }

  /** Updates the number of rows in memory on the board. */
  showPending(): void {
    this.#condition.stillWaiting();
  }

  #open(): void {
    const connection = this.#opening.open();
    this.#updating.opened();
    this.#connection = connection;
    this.#deps.onOpened(connection);
    this.#salvaging.start();
  }

  #tryAgain(): void {
    try {
      this.#reopenIfBroken(this.#fault);
      this.#deps.write();
    } catch (error) {
      this.fail(error);
      return;
    }
    this.#fault = undefined;
    this.#backoff.reset();
    this.#showHealthy();
    this.#deps.onRecovered();
  }

  #reopenIfBroken(fault: unknown): void {
    if (this.#connection && connectionOutlives(fault)) return;
    // Close it first: SQLite removes the write-ahead log by its name, which the new connection uses too.
    const open = this.#connection;
    const isDamaged = open !== undefined && isDamage(fault);
    void this.#salvaging.stop();
    if (isDamaged) closeDamaged(open, this.#deps.file);
    else open?.database.close();
    this.#connection = undefined;
    if (isDamaged) this.#opening.setAside(fault);
    this.#open();
  }

  #showHealthy(): void {
    const remark = [...this.#remarks.values(), this.#updating.remark].filter(Boolean).join(' ') || undefined;
    if (!this.#fault) this.#condition.ok(this.#salvaging.reason, remark);
  }

  #explain(error: unknown): MienError {
    return explainStoreFault(error, this.#deps.file);
  }
}
