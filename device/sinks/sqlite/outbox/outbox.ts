import { idOf, type Outbox, type OutboxRecord } from '../../../core/store.ts';
import type { Session } from '../opening/session.ts';
import type { Backlog } from './backlog.ts';
import type { Flusher } from './flusher.ts';

/** Records that the broker has not acknowledged: those in the database, then those that still wait in memory. */
export class StoredOutbox implements Outbox {
  readonly #backlog: Backlog;
  readonly #session: Session;
  readonly #flusher: Flusher;
  readonly #listeners = new Set<(record: OutboxRecord) => void>();

  constructor(parts: { backlog: Backlog; session: Session; flusher: Flusher }) {
    this.#backlog = parts.backlog;
    this.#session = parts.session;
    this.#flusher = parts.flusher;
  }

  add(record: OutboxRecord): void {
    this.#backlog.add(record);
    this.#flusher.flush();
    for (const listener of this.#listeners) listener(record);
  }

  subscribe(listener: (record: OutboxRecord) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  waiting(limit: number): readonly OutboxRecord[] {
    // Older records are in the database, which opens soon: they go first.
    if (this.#session.isUpdating) return [];
    const { published, records } = this.#backlog;
    return [...this.#stored(limit), ...records.filter((record) => !published.has(idOf(record)))].slice(0, limit);
  }

  markPublished(records: readonly OutboxRecord[]): void {
    this.#backlog.addPublished(records);
    this.#flusher.flush();
  }

  /** None while the database is closed or damaged. Records in memory are still published. */
  #stored(limit: number): readonly OutboxRecord[] {
    if (!this.#session.connection) return [];
    try {
      return this.#session.connection.reader.waiting(limit, this.#backlog.published);
    } catch (error) {
      // A known fault has its retry already.
      if (!this.#session.fault) this.#session.fail(error);
      return [];
    }
  }
}
