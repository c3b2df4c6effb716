import type { Part } from './lifecycle.ts';
import type { Minute, Reading, Visit } from './types.ts';

/**
 * Receives readings and visits. A receiver must not throw and must not block: it takes the value, returns, and does slow work
 * later. Its faults appear on the state board, never in the pipeline. The order of receivers has no meaning.
 */
export interface Receiver {
  readonly name: string;
  /** Every processed frame, also those without a face. */
  onReading?(reading: Reading): void;
  /** A visit that has just ended. */
  onVisit?(visit: Visit): void;
  /** Ongoing stays that are long enough for a visit, each as the visit it would be if it ended now. More than once per sampling interval while readings arrive. */
  onStays?(stays: readonly Visit[]): void;
  /** A minute that has just ended. */
  onMinute?(minute: Minute): void;
  /** The minute in progress, as the record it would be if it ended now. About once a second. */
  onOpenMinute?(minute: Minute): void;
}

/** A receiver that is started and stopped. */
export interface Sink extends Receiver, Part {
  start(): Promise<void>;
  /** Flushes what it holds; within 1.5 s. */
  stop(): Promise<void>;
}

/**
 * Turns readings into visits: one per track, keyed by track id. Each method returns the visits that have just ended.
 */
export interface VisitLog {
  update(reading: Reading): Visit[];
  /** Ends visits while no readings arrive (camera lost); call it about once a second. */
  tick(): Visit[];
  /** Ends all visits at their last sight: at shutdown, or when the vision process restarts. */
  flush(): Visit[];
  /** The ongoing stays that are long enough for a visit, as if they ended now. They continue. */
  ongoing(): Visit[];
}

/**
 * Turns readings and ended visits into one record per minute of the wall clock. Durations come from the monotonic clock.
 */
export interface MinuteLog {
  onReading(reading: Reading): void;
  onVisit(visit: Visit): void;
  onStays(stays: readonly Visit[]): void;
  /** Call it about once a second. Returns the minutes that have just ended. */
  tick(): Minute[];
  /** Ends the minute in progress: at shutdown. */
  flush(): Minute[];
  /** The minute in progress, as if it ended now. It continues. */
  ongoing(): Minute;
}
