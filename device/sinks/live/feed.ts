import type { Receiver } from '../../core/sink.ts';
import type { Reading, Visit } from '../../core/types.ts';

export interface FeedListener {
  readonly onReading?: (reading: Reading) => void;
  readonly onVisit?: (visit: Visit) => void;
}

/** Passes readings and visits to its present listeners. A listener must return at once and must not throw. */
export class Feed implements Receiver {
  readonly name = 'feed';
  readonly #listeners = new Set<FeedListener>();
  #latest: Reading | undefined;

  /** The newest reading; undefined before the first one. */
  get latest(): Reading | undefined {
    return this.#latest;
  }

  subscribe(listener: FeedListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  onReading(reading: Reading): void {
    this.#latest = reading;
    for (const listener of this.#listeners) listener.onReading?.(reading);
  }

  onVisit(visit: Visit): void {
    for (const listener of this.#listeners) listener.onVisit?.(visit);
  }
}
