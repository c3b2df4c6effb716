import type { LiveConfig } from '../config/live.ts';
import type { Clock } from '../core/clock.ts';
import type { LiveSource } from '../core/live.ts';
import type { Log } from '../core/log.ts';
import type { StateBoard } from '../core/state.ts';
import type { Reading } from '../core/types.ts';
import type { Feed } from '../sinks/live/feed.ts';
import type { LoginLinks } from './auth/links.ts';
import type { BodyLimits } from './bodies/bodies.ts';
import type { Operations } from './operations.ts';
import type { Reads } from './reads/reads.ts';

/** What the HTTP app is made from. */
export interface AppDeps {
  readonly settings: LiveConfig;
  readonly board: StateBoard;
  readonly live: LiveSource;
  /** Readings and visits as they come. */
  readonly feed: Feed;
  /** Large reads of the log. */
  readonly reads: Reads;
  readonly operations: Operations;
  /** The newest reading, if there was one. */
  readonly latest: () => Reading | undefined;
  readonly version: string;
  readonly bootId: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Folder of the built kiosk page. */
  readonly kioskDir: string;
  /** Accepts the links that `mien access link` makes; without it none are. */
  readonly links?: LoginLinks;
  /** How long /snapshot.jpg waits for a frame beyond the time from one to the next; 2 s. */
  readonly snapshotTimeoutMs?: number;
  /** How much of what clients send may be under way; tests have less time. */
  readonly bodyLimits?: BodyLimits;
  /** How often a viewer gets, and must answer, a sign of life; 5 s. */
  readonly heartbeatMs?: number;
}
