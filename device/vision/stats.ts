import { DurationCounter } from '../core/duration-counts.ts';
import { FrameInterval } from '../core/frame-interval.ts';
import type { VisionTotals } from './totals.ts';

const windowMs = 3000;
/** The same window in frames, for low frame rates: otherwise the rate would be 0 between two frames. */
const windowFrames = 2.5;

/** One processed frame, and the frames of the source between the previous one and this. */
export interface ProcessedFrame {
  /** Monotonic ms of the end of its processing. */
  readonly at: number;
  readonly latencyMs: number;
  readonly dropped: number;
  /** Left out on purpose. */
  readonly skipped: number;
}

/** Rates and latency: over the last seconds for the state board, and counts since the start for the metrics. */
export class FrameStats {
  readonly #interval = new FrameInterval();
  readonly #latency = new DurationCounter();
  readonly #counts = { processed: 0, dropped: 0, skipped: 0 };
  #frames: ProcessedFrame[] = [];

  add(frame: ProcessedFrame): void {
    this.#interval.add(frame.at);
    this.#frames.push(frame);
    this.#latency.add(frame.latencyMs);
    this.#counts.processed += 1;
    this.#counts.dropped += frame.dropped;
    this.#counts.skipped += frame.skipped;
  }

  /** Counts since the start. */
  get totals(): Omit<VisionTotals, 'stages'> {
    return { ...this.#counts, latency: this.#latency };
  }

  snapshot(now: number): { fps: number; droppedFps: number; latencyMs: number | undefined } {
    const windowNow = this.#interval.atLeast(windowMs, windowFrames);
    this.#frames = this.#frames.filter(({ at }) => now - at <= windowNow);
    const first = this.#frames[0];
    if (!first) return { fps: 0, droppedFps: 0, latencyMs: undefined };
    const seconds = Math.max(1000, now - first.at) / 1000;
    const dropped = this.#frames.reduce((sum, frame) => sum + frame.dropped, 0);
    const latencies = Float64Array.from(this.#frames, ({ latencyMs }) => latencyMs).sort();
    return {
      fps: round1(this.#frames.length / seconds),
      droppedFps: round1(dropped / seconds),
      latencyMs: round1(latencies[Math.floor(latencies.length / 2)]!),
    };
  }
}

function round1(value: number): number {
  return Math.round(value * 10) / 10;
}
