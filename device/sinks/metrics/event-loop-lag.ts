import type { Clock } from '../../core/clock.ts';
import { DurationCounter, type DurationCounts } from '../../core/duration-counts.ts';

/**
 * Interval of the timer, in ms. A block as long as this is always seen, one of a tenth of its length one time in ten. Each wake-up
 * costs CPU time: 0.3 % of a core at 500 ms, 0.6 % at 100 ms.
 */
const intervalMs = 500;

/** Measures how late a timer of this process is: the time for which something else held the event loop. */
export class EventLoopLag {
  readonly #clock: Pick<Clock, 'mono'>;
  readonly #counter = new DurationCounter();
  #timer: NodeJS.Timeout | undefined;

  constructor(clock: Pick<Clock, 'mono'>) {
    this.#clock = clock;
  }

  get counts(): DurationCounts {
    return this.#counter;
  }

  start(): void {
    let due = this.#clock.mono() + intervalMs;
    this.#timer = setInterval(() => {
      const now = this.#clock.mono();
      this.#counter.add(Math.max(0, now - due));
      due = now + intervalMs;
    }, intervalMs).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
