import type { z } from 'zod';
import type { Screen } from '../../contract/device.ts';
import type { DeviceView, healthStatus } from '../../contract/state.ts';
import type { DurationCounts } from '../../core/duration-counts.ts';
import type { DeviceState } from '../../core/state.ts';
import type { VisionRecord } from '../../vision/supervise/vision-record.ts';
import type { ProcessFigures } from './processes.ts';

/** Facts of the HTTP server, read at a scrape. */
export interface ServedNow {
  readonly health: z.output<typeof healthStatus>;
  /** Whether an operator has paused the camera. */
  readonly isPaused: boolean;
  readonly live: DeviceView['live'];
  /** The newest heartbeat of a kiosk page. */
  readonly screen: Screen | undefined;
}

/** Counts since the start of the daemon. */
interface ReadingCounts {
  readonly readings: number;
  /** Faces in readings, each once per reading. */
  readonly named: number;
  readonly uncertain: number;
  /** Ended visits. */
  readonly visits: number;
  /** Faces in the newest reading; undefined before the first one. */
  readonly people: number | undefined;
}

/** Everything that the metrics are read from, at one moment. */
export interface DeviceNow extends ServedNow {
  readonly version: string;
  readonly configId: string;
  /** Wall clock, ms. */
  readonly now: number;
  readonly startedAt: number;
  readonly state: DeviceState;
  readonly vision: Pick<VisionRecord, 'totals' | 'restarts'>;
  readonly counts: ReadingCounts;
  /** Uploaded pictures that wait for their classification. */
  readonly uploadsWaiting: number;
  readonly eventLoopLag: DurationCounts;
  readonly processes: readonly ProcessFigures[];
}
