/** Admits at most `perSecond` values. A value up to a third of the interval early is on time, because cameras jitter. */
export class RateLimit {
  readonly #perSecond: number;
  #plannedAt = Number.NEGATIVE_INFINITY;

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  /**
   * @param now monotonic ms
   * @param limit a lower rate that holds now, per second
   */
  admits(now: number, limit = Number.POSITIVE_INFINITY): boolean {
    const intervalMs = 1000 / Math.min(this.#perSecond, limit);
    const dueAt = this.#plannedAt + intervalMs;
    if (now < dueAt - intervalMs / 3) return false;
    // Late by less than an interval: the schedule stays. Later: the schedule restarts.
    this.#plannedAt = now - dueAt < intervalMs ? dueAt : now;
    return true;
  }
}
