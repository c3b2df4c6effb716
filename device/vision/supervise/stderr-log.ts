import type { Clock } from '../../core/clock.ts';
import type { Log } from '../../core/log.ts';

/** Minimum time between two log lines, in ms. */
const minIntervalMs = 10_000;

/** Maximum length of the text; an error with its stack fits. */
const maxCharacters = 1000;

/**
 * Logs the stderr of the vision process. Native libraries write a lot there: libjpeg writes a line per frame for a
 * camera's slightly damaged JPEGs. So it is logged at a limited rate, and the last lines when the process ends.
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

  /** Logs the pending text. */
  flush(): void {
    const text = this.#pending.trim();
    this.#pending = '';
    if (text === '') return;
    this.#loggedAt = this.#clock.mono();
    this.#log.warn({ from: 'vision' }, text);
  }
}
