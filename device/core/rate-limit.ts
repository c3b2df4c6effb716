/** Lets through at most `perSecond`; early by up to a third of the interval counts as on time, because cameras jitter. */
export class RateLimit {
  readonly #perSecond: number;
  #plannedAt = Number.NEGATIVE_INFINITY;

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  /**
   * @param now monotonic ms
   * @param limit as many a second at this moment, where that is less
   */
  admits(now: number, limit = Number.POSITIVE_INFINITY): boolean {
    const intervalMs = 1000 / Math.min(this.#perSecond, limit);
    const dueAt = this.#plannedAt + intervalMs;
    if (now < dueAt - intervalMs / 3) return false;
    // A little late: the next is due as planned. Later than a whole interval: the plan starts anew.
    this.#plannedAt = now - dueAt < intervalMs ? dueAt : now;
    return true;
  }
}
