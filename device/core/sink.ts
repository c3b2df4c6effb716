import type { Reading, Visit } from './types.ts';

/**
 * Where readings and visits go. A sink must not throw and must not block: it takes the value, returns, and does slow work
 * on its own time. Its trouble shows on the state board, never in the pipeline.
 */
export interface Sink {
  readonly name: string;
  start(): Promise<void>;
  /** Flushes what it holds; within 1.5 s. */
  stop(): Promise<void>;
  /** Every processed frame, also those without a face. */
  onReading?(reading: Reading): void;
  /** A visit that has just ended. */
  onVisit?(visit: Visit): void;
  /** The stays under way that are long enough for a visit, each as the visit it would be if it ended now; about once a second. */
  onStays?(stays: readonly Visit[]): void;
}
