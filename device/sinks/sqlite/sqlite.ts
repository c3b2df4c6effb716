import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Database } from 'better-sqlite3';
import { Backoff } from '../../core/backoff.ts';
import type { Clock } from '../../core/clock.ts';
import { describeError, type MienError } from '../../core/errors.ts';
import type { Log } from '../../core/log.ts';
import type { Sink } from '../../core/sink.ts';
import type { StateBoard } from '../../core/state.ts';
import type { History, RowQuery, VisitOutbox } from '../../core/store.ts';
import type { Reading, Visit } from '../../core/types.ts';
import { Backlog } from './backlog.ts';
import { claimFolder, openDatabase, openDatabaseReadOnly } from './database.ts';
import { connectionOutlives, explainStoreFault, isDiskFull } from './fault.ts';
import { createReader, createWriter, type Writer } from './rows.ts';
import { createSampler, type Sampler } from './sampler.ts';

const tickMs = 1000;
const rowsPerTransaction = 500;
const rowsPrunedPerTick = 1000;
const pruneEveryMs = 3_600_000;
const dayMs = 86_400_000;
/** By so much the wall clock may move against the monotonic one within a tick before it counts as having jumped. */
const jumpMs = 60_000;

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
}

/**
 * The log of the device: one row per face and `sampleMs`, one per visit; the outbox of visits; and the pages' history.
 *
 * Samples are written once a second, a visit at once. While the database cannot be written (disk full, folder gone or
 * read-only) rows wait in memory, the board's `store` says why, and writing is tried again with stepped backoff.
 * `start()` throws MienError (cannotWrite) when the database cannot be opened or written in the first place.
 */
export type SqliteSink = Sink & VisitOutbox & History;

export function createSqliteSink(deps: SqliteSinkDeps): SqliteSink {
  return new SqliteStore(deps);
}

/** The history in a database file, for the command line; works beside a running daemon. */
export function readStore(file: string): History & { close(): void } {
  const database = openDatabaseReadOnly(file);
  return { ...createReader(database), close: () => database.close() };
}

/** One open database with its prepared statements. */
interface Connection {
  readonly database: Database;
  readonly reader: ReturnType<typeof createReader>;
  readonly writer: Writer;
  readonly inode: number;
}

class SqliteStore implements SqliteSink {
  readonly name = 'sqlite';
  readonly #deps: SqliteSinkDeps;
  readonly #sampler: Sampler;
  readonly #backlog: Backlog;
  readonly #backoff = new Backoff([1000, 2000, 5000, 10_000, 30_000]);
  #connection: Connection | undefined;
  /** Held while the sink runs. */
  #claim: Database | undefined;
  #fault: MienError | undefined;
  #ticker: NodeJS.Timeout | undefined;
  #retry: NodeJS.Timeout | undefined;
  #isFlushing = false;
  #lastReadingAt = 0;
  #toldLost = 0;
  #pruneAt = 0;
  #pruned = 0;
  /** Wall clock less monotonic clock, at the last tick. */
  #offset = 0;
  #waitsForClock = false;

  constructor(deps: SqliteSinkDeps) {
    this.#deps = deps;
    this.#sampler = createSampler(deps.sampleMs);
    this.#backlog = new Backlog(deps.backlogLimit ?? 20_000);
  }

  async start(): Promise<void> {
    this.#connection = this.#open();
    try {
      this.#claim = claimFolder(dirname(this.#deps.file));
    } catch (error) {
      this.#connection.database.close();
      throw error;
    }
    this.#offset = this.#clockOffset();
    this.#ticker = setInterval(() => this.#tick(), tickMs);
    this.#deps.board.update('store', { state: 'ok', reason: undefined, code: undefined, pending: undefined });
    this.#deps.log.info({ file: this.#deps.file }, 'database open');
  }

  async stop(): Promise<void> {
    if (!this.#ticker) return;
    clearInterval(this.#ticker);
    clearTimeout(this.#retry);
    this.#ticker = undefined;
    this.#backlog.addSamples(this.#sampler.close());
    try {
      if (this.#fault) this.#reopenIfBroken(this.#fault);
      while (this.#writeOneBatch());
      this.#connection?.database.pragma('wal_checkpoint(TRUNCATE)');
    } catch (error) {
      const lost = this.#backlog.size + this.#backlog.lost;
      const reason = `stopped with ${lost} rows unwritten: ${describeError(this.#explain(error))}`;
      this.#deps.log.error({ lost }, reason);
      this.#deps.board.update('store', { state: 'failing', reason, pending: lost });
    }
    this.#claim?.close();
    this.#connection?.database.close();
    this.#connection = undefined;
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
  }

  unpublished(limit: number): readonly Visit[] {
    const { published, visits } = this.#backlog;
    const waiting = (visit: Visit) => !published.has(visit.id);
    const stored = this.#reader().unpublished(limit + published.size);
    return [...stored, ...visits].filter(waiting).slice(0, limit);
  }

  markPublished(visitId: string): void {
    this.#backlog.addPublished(visitId);
    this.#flush();
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

  #open(): Connection {
    const { file, bootId, clock, keepUnpublished = true } = this.#deps;
    const database = (this.#deps.openDatabase ?? openDatabase)(file);
    try {
      const writer = createWriter(database, { bootId, now: () => clock.now(), keepUnpublished });
      return { database, writer, reader: createReader(database), inode: statSync(file).ino };
    } catch (error) {
      database.close();
      throw this.#explain(error);
    }
  }

  #tick(): void {
    // Without readings nothing else would close the interval.
    if (this.#deps.clock.mono() - this.#lastReadingAt > this.#deps.sampleMs) {
      this.#backlog.addSamples(this.#sampler.close());
    }
    this.#watchClock();
    if (this.#fault) this.#deps.board.update('store', { pending: this.#backlog.size });
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
    if (this.#backlog.size === 0) return false;
    if (!this.#connection) throw this.#fault ?? new Error('the database is not open');
    this.#assertFileIsThere(this.#connection);
    const batch = this.#backlog.peek(rowsPerTransaction);
    this.#connection.writer.write(batch);
    this.#backlog.remove(batch);
    return this.#backlog.size > 0;
  }

  /** SQLite goes on writing into a file that has lost its name, and everything would be lost at the end. */
  #assertFileIsThere({ inode }: Connection): void {
    if (statSync(this.#deps.file, { throwIfNoEntry: false })?.ino === inode) return;
    throw Object.assign(new Error('the file is not there any more'), { code: 'moved or deleted' });
  }

  #fail(error: unknown): void {
    const fault = this.#explain(error);
    const { lost } = this.#backlog;
    const isNews = fault.message !== this.#fault?.message || (lost > 0 && this.#toldLost === 0);
    this.#fault = fault;
    this.#toldLost = lost;
    const rows = lost > 0 ? `${lost} rows are lost, the others wait in memory` : 'Nothing is lost: rows wait in memory';
    const reason = `${describeError(fault)} ${rows}.`;
    const code = isDiskFull(fault) ? 'disk-full' : 'store-unwritable';
    this.#deps.board.update('store', { state: 'failing', reason, code, pending: this.#backlog.size });
    if (isNews) this.#deps.log.warn({ pending: this.#backlog.size }, reason);
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#tryAgain(), this.#backoff.next());
  }

  #tryAgain(): void {
    try {
      this.#reopenIfBroken(this.#fault);
      this.#writeOneBatch();
    } catch (error) {
      this.#fail(error);
      return;
    }
    const { lost } = this.#backlog;
    this.#fault = undefined;
    this.#backoff.reset();
    this.#deps.board.update('store', { state: 'ok', reason: undefined, code: undefined, pending: undefined });
    this.#deps.log.info({ lost }, 'the database can be written again');
    this.#flush();
  }

  #reopenIfBroken(fault: unknown): void {
    if (this.#connection && connectionOutlives(fault)) return;
    // Closed first: closing removes the write-ahead log by its name, which must not be that of the new connection.
    this.#connection?.database.close();
    this.#connection = undefined;
    this.#connection = this.#open();
  }

  /**
   * What is old cannot be told right after the wall clock has jumped: a board without a clock starts in the past, and one
   * wrong date would delete the whole history. A day later somebody has seen it, or it was right. A further jump does not
   * lengthen the wait: a device that is suspended every night would never delete anything.
   */
  #watchClock(): void {
    const offset = this.#clockOffset();
    const jumpedMs = offset - this.#offset;
    this.#offset = offset;
    if (Math.abs(jumpedMs) <= jumpMs || this.#waitsForClock) return;
    this.#waitsForClock = true;
    this.#pruneAt = this.#deps.clock.mono() + dayMs;
    const seconds = Math.round(jumpedMs / 1000);
    this.#deps.log.warn({ seconds }, `the clock moved by ${seconds} s; old rows are deleted a day later than due`);
  }

  #clockOffset(): number {
    return this.#deps.clock.now() - this.#deps.clock.mono();
  }

  #prune(): void {
    const { clock, retentionDays, log } = this.#deps;
    if (clock.mono() < this.#pruneAt || !this.#connection) return;
    const before = clock.now() - retentionDays * dayMs;
    try {
      const deleted = this.#connection.writer.prune(before, rowsPrunedPerTick);
      this.#pruned += deleted;
      if (deleted > 0) return;
    } catch (error) {
      this.#fail(error);
      return;
    }
    if (this.#pruned > 0) log.info({ rows: this.#pruned }, `deleted rows older than ${retentionDays} days`);
    this.#pruned = 0;
    this.#waitsForClock = false;
    this.#pruneAt = clock.mono() + pruneEveryMs;
  }

  #explain(error: unknown): MienError {
    return explainStoreFault(error, this.#deps.file);
  }
}
