import type { VisitOutbox } from '../../../core/store.ts';
import type { Visit } from '../../../core/types.ts';
import type { Session } from '../opening/session.ts';
import type { Backlog } from './backlog.ts';
import type { Flusher } from './flusher.ts';

/** Visits that the broker has not acknowledged: those in the database, then those that still wait in memory. */
export class Outbox implements VisitOutbox {
  readonly #backlog: Backlog;
  readonly #session: Session;
  readonly #flusher: Flusher;
  readonly #listeners = new Set<(visit: Visit) => void>();

  constructor(parts: { backlog: Backlog; session: Session; flusher: Flusher }) {
    this.#backlog = parts.backlog;
    this.#session = parts.session;
    this.#flusher = parts.flusher;
  }

  add(visit: Visit): void {
    this.#backlog.addVisit(visit);
    this.#flusher.flush();
    for (const listener of this.#listeners) listener(visit);
  }

  subscribe(listener: (visit: Visit) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  unpublished(limit: number): readonly Visit[] {
    const { published, visits } = this.#backlog;
    const isUnpublished = ({ id }: Visit) => !published.has(id);
    return [...this.#stored(limit + published.size), ...visits].filter(isUnpublished).slice(0, limit);
  }

  markPublished(visitId: string): void {
    this.#backlog.addPublished(visitId);
    this.#flusher.flush();
  }

  /** None while the database is closed or damaged: visits in memory are published all the same. */
  #stored(limit: number): readonly Visit[] {
    if (!this.#session.connection) return [];
    try {
      return this.#session.connection.reader.unpublished(limit);
    } catch (error) {
      // A fault that is known has its retry already.
      if (!this.#session.fault) this.#session.fail(error);
      return [];
    }
  }
}
