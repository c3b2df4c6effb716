import type { SoakSample } from './samples.ts';

/** A progress line every few seconds on a terminal, otherwise every minute. It uses stderr, so that stdout holds the results only. */
export class SoakProgress {
  readonly #minutes: number;
  readonly #frames: number;
  #shownAt = 0;

  /** Minimum duration and minimum number of frames. */
  constructor({ minutes, frames }: { readonly minutes: number; readonly frames: number }) {
    this.#minutes = minutes;
    this.#frames = frames;
  }

  isDone(seconds: number, newest: SoakSample | undefined): boolean {
    return seconds >= this.#minutes * 60 && (newest?.frames ?? 0) >= this.#frames;
  }

  show(sample: SoakSample): void {
    const { isTTY } = process.stderr;
    if (!isTTY && sample.seconds - this.#shownAt < 60) return;
    this.#shownAt = sample.seconds;
    process.stderr.write(isTTY ? `\r${this.line(sample)}\x1b[K` : `${this.line(sample)}\n`);
  }

  finish(): void {
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  }

  line({ seconds, frames, daemonMb, visionMb, restarts }: SoakSample): string {
    const of = this.#frames > 0 ? ` of ${this.#frames}` : '';
    const restarted = restarts > 0 ? `, ${restarts} restarts` : '';
    const memory = `${(daemonMb + visionMb).toFixed(0)} MB (vision ${visionMb.toFixed(0)})`;
    return `soak ${(seconds / 60).toFixed(1)} of ${this.#minutes} minutes, ${frames}${of} frames, ${memory}${restarted}`;
  }
}
