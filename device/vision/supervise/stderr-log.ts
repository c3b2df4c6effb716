import type { Clock } from '../../core/clock.ts';
import type { Log } from '../../core/log.ts';

/** Least time between two lines in the log. */
const minIntervalMs = 10_000;

/** An error with its stack fits. */
const maxCharacters = 1000;

/**
 * Passes on what the vision process writes to stderr. Native libraries write there without asking: of a camera's slightly
 * damaged JPEGs libjpeg says a line per frame. So it is logged now and then, and what came last when the process ends.
 */
export class StderrLog {
  readonly #log: Log;
  readonly #clock: Clock;
  #pending = '';
  #loggedAt = Number.NEGATIVE_INFINITY;

  constructor(log: Log, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  add(text: string): void {
    this.#pending = (this.#pending + text).slice(-maxCharacters);
    if (this.#clock.mono() - this.#loggedAt >= minIntervalMs) this.flush();
  }

  /** Logs what was held back. */
  flush(): void {
    const text = this.#pending.trim();
    this.#pending = '';
    if (text === '') return;
    this.#loggedAt = this.#clock.mono();
    this.#log.warn({ from: 'vision' }, text);
  }
}
