import { Backoff } from '../../core/backoff.ts';

/**
 * Longest delays before the next try, ms. The last is below 5 s, so that the device comes back within 5 s of the broker's
 * return. Two devices with one name replace each other's connection no faster than that.
 */
const steps = [1000, 2000, 4500];
/** Further delays while the broker refuses this device: a person has to repair that. */
const refusedSteps = [10_000, 30_000];
/** Duration after which a connection counts as stable and resets the delay. Two devices with one name replace each other's connection sooner. */
export const stableMs = 10_000;
/** Part of each delay that is not random. */
const fixedPart = 0.3;

export interface FailedAttempt {
  /** Whether the broker refuses this device or its certificate is not trusted, unlike a broker that cannot be reached. */
  readonly isRefused: boolean;
  /** Duration of the attempt, ms; 0 for a lost connection. */
  readonly attemptMs: number;
  /** Duration of the lost connection, ms; undefined if there was none. */
  readonly connectedMs?: number;
}

/**
 * Delays between attempts to connect.
 *
 * - 70 % of each delay is random: the devices of a fleet must not reconnect at the same moment.
 * - The delay counts from the start of the attempt, because a broker may return while an attempt hangs.
 */
export class ReconnectDelay {
  readonly #reachable: readonly number[];
  readonly #refused: readonly number[];
  readonly #random: () => number;
  #backoff: Backoff;
  #wasRefused = false;

  /** @param delays ms, instead of the usual ones */
  constructor(delays?: readonly number[], random: () => number = Math.random) {
    this.#reachable = delays ?? steps;
    this.#refused = delays ?? [...steps, ...refusedSteps];
    this.#random = random;
    this.#backoff = new Backoff(this.#reachable);
  }

  /** Milliseconds until the next attempt. */
  next({ isRefused, attemptMs, connectedMs }: FailedAttempt): number {
    if (connectedMs !== undefined && connectedMs >= stableMs) this.#backoff.reset();
    if (isRefused !== this.#wasRefused) this.#backoff = new Backoff(isRefused ? this.#refused : this.#reachable);
    this.#wasRefused = isRefused;
    const random = fixedPart + (1 - fixedPart) * this.#random();
    return Math.max(this.#backoff.next() * random - attemptMs, this.#reachable[0]! * random);
  }
}
