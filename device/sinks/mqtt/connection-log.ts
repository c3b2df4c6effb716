import type { Clock } from '../../core/clock.ts';
import type { Log } from '../../core/log.ts';
import { maskAddress } from '../../core/mask.ts';
import { stableMs } from './reconnect.ts';

const intervalMs = 600_000;

/**
 * Log lines about the connection. Each line is written at most once in 10 minutes, until a connection was stable: two devices
 * with one name replace each other's connection every few seconds.
 */
export class ConnectionLog {
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #url: string;
  /** Monotonic time of each line. */
  readonly #written = new Map<string, number>();
  #stable: NodeJS.Timeout | undefined;

  constructor({ log, clock, url }: { readonly log: Log; readonly clock: Clock; readonly url: string }) {
    this.#log = log;
    this.#clock = clock;
    this.#url = maskAddress(url);
  }

  /** A connection that becomes stable is written at last, so that the log does not end with an old fault. */
  connected(): void {
    const write = () => this.#log.info({ url: this.#url }, 'connected to the broker');
    const isDue = this.#isDue('connected');
    if (isDue) write();
    this.#stable = setTimeout(() => {
      this.#written.clear();
      if (!isDue) write();
    }, stableMs).unref();
  }

  /** The connection is lost, or an attempt has failed. */
  failed(reason: string): void {
    this.ended();
    if (this.#isDue(reason)) this.#log.warn(reason);
  }

  ended(): void {
    clearTimeout(this.#stable);
  }

  #isDue(line: string): boolean {
    const now = this.#clock.mono();
    for (const [each, at] of this.#written) if (now - at >= intervalMs) this.#written.delete(each);
    if (this.#written.has(line)) return false;
    this.#written.set(line, now);
    return true;
  }
}
