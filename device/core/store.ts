import type { Sample, Visit } from './types.ts';

/** Rows that must still reach the broker; SQLite is the outbox, so that an outage or a restart loses none. */
export interface VisitOutbox {
  /** Oldest first. */
  unpublished(limit: number): readonly Visit[];
  markPublished(visitId: string): void;
}

/** Reading side of the log, for the pages and the API. Times are wall-clock ms; `to` is exclusive. */
export interface History {
  /** The newest `limit` rows of the range, oldest first. */
  samples(range: { from: number; to: number; limit: number }): readonly Sample[];
  /** The newest `limit` rows of the range, oldest first. */
  visits(range: { from: number; to: number; limit: number }): readonly Visit[];
}
