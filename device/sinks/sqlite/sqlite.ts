import type { Database } from 'better-sqlite3';
import type { Clock } from '../../core/clock.ts';
import type { Log } from '../../core/log.ts';
import type { Sink } from '../../core/sink.ts';
import type { StateBoard } from '../../core/state.ts';
import type { History, HistoryTable, Outbox, OutboxRecord, RowQuery } from '../../core/store.ts';
import type { Minute, Reading, Sample, Visit } from '../../core/types.ts';
import { Checks } from './integrity/checks.ts';
import { unsalvagedFiles } from './opening/damaged.ts';
import { FreeSpace } from './opening/free-space.ts';
import { Session } from './opening/session.ts';
import { Backlog } from './outbox/backlog.ts';
import { Flusher } from './outbox/flusher.ts';
import { StoredOutbox } from './outbox/outbox.ts';
import { OutboxWatch } from './outbox/outbox-watch.ts';
import type { Keep } from './retention/prunes.ts';
import { Retention } from './retention/retention.ts';
import { createPastRollup, type PastRollup } from './rollup/past.ts';
import { createSampler, type Sampler } from './sampler.ts';

export { readStore, type StoredLog } from './history/reader.ts';

const tickMs = 1000;
/** Interval between two snapshots of the minute in progress: a power cut costs at most this part of it. */
const openMinuteMs = 10_000;

const releaseEveryMs = 10_000;

export interface SqliteSinkDeps {
  /** Path of the database; its folder is created. */
  readonly file: string;
  readonly sampleMs: number;
  readonly keep: Keep;
  readonly clock: Clock;
  readonly log: Log;
  readonly board: StateBoard;
  readonly bootId: string;
  /**
   * Whether retention keeps visits that are not published yet (default: true). Turn it off where nothing is ever published:
   * otherwise they all stay.
   */
  readonly keepUnpublished?: boolean;
  /** Maximum number of records that wait for the broker. Absent where nothing is ever published. */
  readonly outboxLimit?: number;
  /** Maximum number of rows in memory while the database cannot be written. Above it the oldest samples go first. */
  readonly backlogLimit?: number;
  /** Interval between two writes of samples, in ms (default: 10,000). A kill costs the samples of this time. */
  readonly releaseEveryMs?: number;
  readonly openDatabase?: (file: string) => Database;
  /** The file that the salvage thread runs; tests start the built one. */
  readonly salvageEntry?: URL;
  /** As `salvageEntry`, for the copy before an update. */
  readonly backupEntry?: URL;
  /** Time from the start to the first integrity check, in ms (default: 300,000). */
  readonly checkAfterMs?: number;
  /** The file that the integrity process runs; tests start the built one. */
  readonly integrityEntry?: URL;
}

/**
 * The log of the device: one row per face and `sampleMs`, one per visit; the outbox of visits; and the history of the pages.
 *
 * Samples are written every 10 s, a visit at once. While the database cannot be opened or written, rows wait in memory,
 * and the board's `store` says why (see opening/session.ts). `start()` throws MienError (unavailable) only where another
 * process uses the data folder.
 */
export type SqliteSink = Sink &
  Outbox &
  History & {
    /** Another reader found the database with this inode damaged. */
    reportDamage(inode: number, message: string): void;
  };

export function createSqliteSink(deps: SqliteSinkDeps): SqliteSink {
  return new SqliteStore(deps);
}

class SqliteStore implements SqliteSink {
  readonly name = 'sqlite';
  readonly #deps: SqliteSinkDeps;
  readonly #sampler: Sampler;
  readonly #backlog: Backlog;
  readonly #retention: Retention;
  readonly #session: Session;
  readonly #checks: Checks;
  readonly #space: FreeSpace;
  readonly #flusher: Flusher;
  readonly #outbox: StoredOutbox;
  #ticker: NodeJS.Timeout | undefined;
  readonly #watch: OutboxWatch | undefined;
  #past: PastRollup | undefined;
  #lastReadingAt = 0;
  #releasedAt = Number.NEGATIVE_INFINITY;
  #minuteWrittenAt = Number.NEGATIVE_INFINITY;
  #hasStays = false;
  #lastVisit = 0;

  constructor(deps: SqliteSinkDeps) {
    this.#deps = deps;
    this.#sampler = createSampler(deps.sampleMs);
    this.#backlog = new Backlog(deps.backlogLimit ?? 20_000);
    this.#retention = new Retention({ ...deps, keepUnpublished: deps.keepUnpublished ?? true });
    this.#checks = new Checks({
      ...deps,
      onDamage: (inode, finding) => this.#session.reportDamage(inode, finding),
    });
    this.#space = new FreeSpace({ ...deps, remark: (text) => this.#session.remark('space', text) });
    this.#session = new Session({
      ...deps,
      backlog: this.#backlog,
      onOpened: ({ database }) => {
        this.#past = createPastRollup(database, deps.sampleMs);
        this.#retention.opened(database, { isIncomplete: unsalvagedFiles(deps.file).length > 0 });
        this.#checks.opened(database);
      },
      write: () => this.#flusher.writeBatch(),
      onRecovered: () => this.#flusher.flush(),
    });
    this.#flusher = new Flusher(this.#backlog, this.#session);
    const { outboxLimit: limit } = deps;
    if (limit !== undefined) {
      this.#watch = new OutboxWatch({ ...deps, limit, session: this.#session, backlog: this.#backlog });
    }
    this.#outbox = new StoredOutbox({ backlog: this.#backlog, session: this.#session, flusher: this.#flusher });
  }

  async start(): Promise<void> {
    this.#session.start();
    this.#ticker = setInterval(() => this.#tick(), tickMs);
  }

  async stop(): Promise<void> {
    if (!this.#ticker) return;
    clearInterval(this.#ticker);
    this.#ticker = undefined;
    this.#flusher.stop();
    await this.#checks.stop();
    this.#addSamples(this.#sampler.close());
    this.#backlog.release();
    await this.#session.stop(() => {
      this.#flusher.writeAll();
      this.#retention.close();
      this.#checks.close();
    });
  }

  onReading(reading: Reading): void {
    if (!this.#ticker) return;
    this.#lastReadingAt = this.#deps.clock.mono();
    this.#addSamples(this.#sampler.add(reading));
  }

  onVisit(visit: Visit): void {
    if (!this.#ticker) return;
    this.#lastVisit = visit.seq;
    this.#outbox.add({ kind: 'visit', visit });
  }

  onMinute(minute: Minute): void {
    if (!this.#ticker) return;
    // The next minute has its snapshot at once: until then a kill would cost its visits.
    this.#minuteWrittenAt = Number.NEGATIVE_INFINITY;
    this.#outbox.add({ kind: 'minute', minute });
  }

  onStays(stays: readonly Visit[]): void {
    const hadStays = this.#hasStays;
    this.#hasStays = stays.length > 0;
    if (!this.#ticker || !(this.#hasStays || hadStays)) return;
    this.#backlog.setStays(stays);
    this.#flusher.flush();
  }

  onOpenMinute(minute: Minute): void {
    const now = this.#deps.clock.mono();
    if (!this.#ticker || now - this.#minuteWrittenAt < openMinuteMs) return;
    this.#minuteWrittenAt = now;
    this.#backlog.setOpenMinute({ minute, lastVisit: this.#lastVisit });
    this.#flusher.flush();
  }

  waiting(limit: number, kind?: OutboxRecord['kind']): readonly OutboxRecord[] {
    return this.#outbox.waiting(limit, kind);
  }

  markPublished(records: readonly OutboxRecord[]): void {
    this.#outbox.markPublished(records);
  }

  subscribe(listener: (record: OutboxRecord) => void): () => void {
    return this.#outbox.subscribe(listener);
  }

  keys(table: HistoryTable, query: RowQuery) {
    return this.#reader.keys(table, query);
  }

  samples(query: RowQuery) {
    return this.#reader.samples(query);
  }

  visits(query: RowQuery) {
    return this.#reader.visits(query);
  }

  summary(span: Parameters<History['summary']>[0]) {
    return this.#reader.summary(span);
  }

  reportDamage(inode: number, message: string): void {
    if (this.#ticker) this.#session.reportDamage(inode, message);
  }

  /** @throws MienError where the database is closed */
  get #reader(): History {
    return this.#session.openConnection().reader;
  }

  #addSamples(samples: readonly Sample[]): void {
    this.#backlog.addSamples(samples);
    if (this.#space.isLow) this.#backlog.dropSamples();
  }

  #tick(): void {
    this.#space.tick();
    if (this.#space.isLow) this.#backlog.dropSamples();
    // Without readings nothing else closes the interval.
    if (this.#deps.clock.mono() - this.#lastReadingAt > this.#deps.sampleMs) {
      this.#addSamples(this.#sampler.close());
    }
    if (this.#deps.clock.mono() - this.#releasedAt >= (this.#deps.releaseEveryMs ?? releaseEveryMs)) {
      this.#releasedAt = this.#deps.clock.mono();
      this.#backlog.release();
    }
    if (this.#session.fault) {
      this.#session.showPending();
      return;
    }
    this.#flusher.flush();
    // One retry at a time: a fault of the flush has begun its own.
    if (!this.#session.fault) this.#prune();
  }

  #prune(): void {
    try {
      this.#past?.step();
      this.#watch?.tick();
      this.#retention.tick();
      this.#checks.tick();
    } catch (error) {
      this.#session.fail(error);
    }
  }
}
