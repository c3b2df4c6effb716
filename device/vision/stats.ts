import { FrameInterval } from '../core/frame-interval.ts';

const windowMs = 3000;
/** The same window in frames, for low frame rates: otherwise the rate would be 0 between two frames. */
const windowFrames = 2.5;

/** Rates and latency over the last seconds, for the state board. */
export class FrameStats {
  readonly #interval = new FrameInterval();
  #frames: { at: number; dropped: number; latencyMs: number }[] = [];

  /** @param dropped frames of the source between the previous one and this */
  add(at: number, dropped: number, latencyMs: number): void {
    this.#interval.add(at);
    this.#frames.push({ at, dropped, latencyMs });
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
