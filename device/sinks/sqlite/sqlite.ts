import type { Database } from 'better-sqlite3';
import { Backoff } from '../../core/backoff.ts';
import type { Clock } from '../../core/clock.ts';
import type { MienError } from '../../core/errors.ts';
import type { Log } from '../../core/log.ts';
import type { Sink } from '../../core/sink.ts';
import type { StateBoard } from '../../core/state.ts';
import type { History, RowQuery, VisitOutbox } from '../../core/store.ts';
import type { Reading, Visit } from '../../core/types.ts';
import { Backlog } from './backlog.ts';
import { isAlreadyUsed } from './claim.ts';
import { Condition } from './condition.ts';
import { assertFileIsThere, type Connection } from './connection.ts';
import { unsalvagedFiles } from './damaged.ts';
import { damage, openDatabaseReadOnly } from './database.ts';
import { connectionOutlives, explainStoreFault, isDamage, isLocked } from './fault.ts';
import { Opening } from './opening.ts';
import { createReader } from './reader.ts';
import { Retention } from './retention.ts';
import { Salvaging } from './salvage/salvaging.ts';
import { createSampler, type Sampler } from './sampler.ts';

const tickMs = 1000;
/** After a lock that is known to be short. */
const briefMs = 200;
const rowsPerTransaction = 500;

export interface SqliteSinkDeps {
  /** Path of the database; its folder is made. */
  readonly file: string;
  readonly sampleMs: number;
  readonly retentionDays: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly board: StateBoard;
  readonly bootId: string;
  /**
   * Visits that are still to be published outlive the retention (default). To be turned off where nothing is ever
   * published: they would all stay.
   */
  readonly keepUnpublished?: boolean;
  /** Rows held in memory while the database cannot be written; beyond it the oldest samples go first. */
  readonly backlogLimit?: number;
  readonly openDatabase?: (file: string) => Database;
  /** The file that the salvage thread runs; tests start the built one. */
  readonly salvageEntry?: URL | undefined;
}

/**
 * The log of the device: one row per face and `sampleMs`, one per visit; the outbox of visits; and the pages' history.
 *
 * Samples are written once a second, a visit at once. While the database cannot be opened or written (disk full, folder gone
 * or read-only, a newer schema) rows wait in memory, the board's `store` says why, and it is tried again with stepped backoff.
 * That holds from the start on. A damaged database is set aside (see damaged.ts), and a new one takes its place.
 * `start()` throws MienError (unavailable) only where another process uses the data folder.
 */
export type SqliteSink = Sink &
  VisitOutbox &
  History & {
    /** Somebody else has found the database with this inode damaged. */
    reportDamage(inode: number, message: string): void;
  };

export function createSqliteSink(deps: SqliteSinkDeps): SqliteSink {
  return new SqliteStore(deps);
}

/** The history in a database file, for the command line; works beside a running daemon. */
export function readStore(file: string): History & { close(): void } {
  const database = openDatabaseReadOnly(file);
  return { ...createReader(database), close: () => database.close() };
}

class SqliteStore implements SqliteSink {
  readonly name = 'sqlite';
  readonly #deps: SqliteSinkDeps;
  readonly #sampler: Sampler;
  readonly #backlog: Backlog;
  readonly #condition: Condition;
  readonly #opening: Opening;
  readonly #retention: Retention;
  readonly #salvaging: Salvaging;
  readonly #backoff = new Backoff([1000, 2000, 5000, 10_000, 30_000]);
  readonly #visitListeners = new Set<(visit: Visit) => void>();
  #connection: Connection | undefined;
  #fault: MienError | undefined;
  #ticker: NodeJS.Timeout | undefined;
  #retry: NodeJS.Timeout | undefined;
  #isFlushing = false;
  #lastReadingAt = 0;
  #staysAt = Number.NEGATIVE_INFINITY;
  #hasStays = false;

  constructor(deps: SqliteSinkDeps) {
    this.#deps = deps;
    this.#sampler = createSampler(deps.sampleMs);
    this.#backlog = new Backlog(deps.backlogLimit ?? 20_000);
    this.#condition = new Condition({ ...deps, backlog: this.#backlog });
    this.#opening = new Opening(deps);
    this.#salvaging = new Salvaging({ ...deps, onChange: () => this.#showHealthy(), entry: deps.salvageEntry });
    this.#retention = new Retention({ ...deps, keepUnpublished: deps.keepUnpublished ?? true });
  }

  async start(): Promise<void> {
    try {
      this.#open();
      this.#showHealthy();
      this.#deps.log.info({ file: this.#deps.file }, 'database open');
    } catch (error) {
      if (isAlreadyUsed(error)) throw error;
      this.#fail(error);
    }
    this.#ticker = setInterval(() => this.#tick(), tickMs);
  }

  async stop(): Promise<void> {
    if (!this.#ticker) return;
    clearInterval(this.#ticker);
    clearTimeout(this.#retry);
    this.#ticker = undefined;
    this.#backlog.addSamples(this.#sampler.close());
    await this.#salvaging.stop();
    try {
      if (this.#fault) this.#reopenIfBroken(this.#fault);
      while (this.#writeOneBatch());
      this.#retention.close();
      this.#connection?.database.pragma('wal_checkpoint(TRUNCATE)');
    } catch (error) {
      this.#condition.stopped(this.#explain(error));
    }
    // A last try may have begun it again.
    await this.#salvaging.stop();
    this.#connection?.database.close();
    this.#connection = undefined;
    this.#opening.close();
  }

  onReading(reading: Reading): void {
    if (!this.#ticker) return;
    this.#lastReadingAt = this.#deps.clock.mono();
    this.#backlog.addSamples(this.#sampler.add(reading));
  }

  onVisit(visit: Visit): void {
    if (!this.#ticker) return;
    this.#backlog.addVisit(visit);
    this.#flush();
    for (const listener of this.#visitListeners) listener(visit);
  }

  onStays(stays: readonly Visit[]): void {
    const now = this.#deps.clock.mono();
    const hadSome = this.#hasStays;
    this.#hasStays = stays.length > 0;
    if (!this.#ticker || (!this.#hasStays && !hadSome) || now - this.#staysAt < this.#deps.sampleMs - tickMs / 10)
      return;
    this.#staysAt = now;
    this.#backlog.setStays(stays);
    this.#flush();
  }

  unpublished(limit: number): readonly Visit[] {
    const { published, visits } = this.#backlog;
    const waiting = (visit: Visit) => !published.has(visit.id);
    return [...this.#storedUnpublished(limit + published.size), ...visits].filter(waiting).slice(0, limit);
  }

  /** None while the database is closed or damaged: what is in memory does not wait for it. */
  #storedUnpublished(limit: number): readonly Visit[] {
    if (!this.#connection) return [];
    try {
      return this.#connection.reader.unpublished(limit);
    } catch (error) {
      // A fault that is known has its retry already.
      if (!this.#fault) this.#fail(error);
      return [];
    }
  }

  markPublished(visitId: string): void {
    this.#backlog.addPublished(visitId);
    this.#flush();
  }

  subscribe(listener: (visit: Visit) => void): () => void {
    this.#visitListeners.add(listener);
    return () => this.#visitListeners.delete(listener);
  }

  keys(table: 'samples' | 'visits', query: RowQuery) {
    return this.#reader().keys(table, query);
  }

  samples(query: RowQuery) {
    return this.#reader().samples(query);
  }

  visits(query: RowQuery) {
    return this.#reader().visits(query);
  }

  summary(span: Parameters<History['summary']>[0]) {
    return this.#reader().summary(span);
  }

  #reader(): Connection['reader'] {
    if (this.#connection) return this.#connection.reader;
    throw this.#fault ?? new Error('the database is not open');
  }

  reportDamage(inode: number, message: string): void {
    if (!this.#ticker || this.#fault || this.#connection?.inode !== inode) return;
    this.#fail(damage(message));
  }

  #open(): void {
    const connection = this.#opening.open();
    this.#connection = connection;
    this.#retention.opened(connection.database, { isIncomplete: unsalvagedFiles(this.#deps.file).length > 0 });
    this.#salvaging.start();
  }

  #showHealthy(): void {
    if (!this.#fault) this.#condition.ok(this.#salvaging.reason);
  }

  #tick(): void {
    // Without readings nothing else would close the interval.
    if (this.#deps.clock.mono() - this.#lastReadingAt > this.#deps.sampleMs) {
      this.#backlog.addSamples(this.#sampler.close());
    }
    if (this.#fault) this.#condition.stillFailing();
    else {
      this.#flush();
      // One retry at a time: a fault of the flush has begun its own.
      if (!this.#fault) this.#prune();
    }
  }

  /** Writes what waits, one transaction per turn of the event loop; while there is a fault, only the retry writes. */
  #flush(): void {
    if (this.#fault || this.#isFlushing) return;
    try {
      if (!this.#writeOneBatch()) return;
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#isFlushing = true;
    setImmediate(() => {
      this.#isFlushing = false;
      if (this.#ticker) this.#flush();
    });
  }

  /** Returns true while there is more to write. */
  #writeOneBatch(): boolean {
    if (this.#backlog.isEmpty) return false;
    if (!this.#connection) throw this.#fault ?? new Error('the database is not open');
    assertFileIsThere(this.#deps.file, this.#connection);
    const batch = this.#backlog.peek(rowsPerTransaction);
    this.#connection.writer.write(batch);
    this.#backlog.remove(batch);
    return !this.#backlog.isEmpty;
  }

  #fail(error: unknown): void {
    const fault = this.#explain(error);
    // The lock of our own salvage thread lasts for some milliseconds, and is no news.
    const isBrief = isLocked(fault) && this.#salvaging.isRunning && !this.#condition.isFailing;
    if (!isBrief) this.#condition.failing(fault);
    this.#fault = fault;
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#tryAgain(), isBrief ? briefMs : this.#backoff.next());
  }

  #tryAgain(): void {
    try {
      this.#reopenIfBroken(this.#fault);
      this.#writeOneBatch();
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#fault = undefined;
    this.#backoff.reset();
    this.#showHealthy();
    this.#flush();
  }

  #reopenIfBroken(fault: unknown): void {
    if (this.#connection && connectionOutlives(fault)) return;
    // Closed first: closing removes the write-ahead log by its name, which must not be that of the new connection.
    const wasOpen = this.#connection !== undefined;
    void this.#salvaging.stop();
    this.#connection?.database.close();
    this.#connection = undefined;
    if (wasOpen && isDamage(fault)) this.#opening.setAside(fault);
    this.#open();
  }

  #prune(): void {
    try {
      this.#retention.tick();
    } catch (error) {
      this.#fail(error);
    }
  }

  #explain(error: unknown): MienError {
    return explainStoreFault(error, this.#deps.file);
  }
}
