import type { Sink } from '../../core/sink.ts';
import type { Reading, Visit } from '../../core/types.ts';

export interface FeedListener {
  readonly onReading: (reading: Reading) => void;
  readonly onVisit: (visit: Visit) => void;
}

/** Hands readings and visits to whoever listens just now. Listeners must return at once, and not throw. */
export class Feed implements Sink {
  readonly name = 'feed';
  readonly #listeners = new Set<FeedListener>();

  async start(): Promise<void> {}

  async stop(): Promise<void> {
    this.#listeners.clear();
  }

  subscribe(listener: FeedListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  onReading(reading: Reading): void {
    for (const listener of this.#listeners) listener.onReading(reading);
  }

  onVisit(visit: Visit): void {
    for (const listener of this.#listeners) listener.onVisit(visit);
  }
}
