/** Longest time without a heartbeat after the first one, in ms. The page sends one every 10 s. */
export const longestSilenceMs = 60_000;

/** Time for the first heartbeat after a start, in ms. It grows with each start without one, because a board may be slow. */
const patienceMs = [60_000, 120_000, 300_000, 600_000];

/** What one look at the daemon and the screen says. */
export interface Look {
  /** When the daemon received the newest heartbeat, ms since 1970; undefined without one. */
  readonly seenAt: number | undefined;
  /** False while the page cannot draw: the daemon does not answer, or no screen is connected. */
  readonly canDraw: boolean;
}

/** Judges by the heartbeats of the page whether a browser still draws it. */
export class BeatWatch {
  readonly #failedStarts: number;
  #looks = 0;
  #lastSeenAt: number | undefined;
  #aliveAt: number;
  #beats = 0;

  /**
   * @param now monotonic ms
   * @param failedStarts starts without a heartbeat before this one
   */
  constructor(now: number, failedStarts: number) {
    this.#aliveAt = now;
    this.#failedStarts = failedStarts;
  }

  /** Whether a heartbeat came since the start. */
  get hasBeat(): boolean {
    return this.#beats > 0;
  }

  /**
   * @param now monotonic ms
   * @returns how long the page has been silent, in ms, once that is too long
   */
  update({ seenAt, canDraw }: Look, now: number): number | undefined {
    const isNew = seenAt !== undefined && seenAt !== this.#lastSeenAt;
    // The first answer may hold the heartbeat of the browser before this one.
    if (isNew && this.#looks > 0) {
      this.#beats += 1;
      this.#aliveAt = now;
    }
    if (canDraw) {
      this.#looks += 1;
      this.#lastSeenAt = seenAt ?? this.#lastSeenAt;
    } else {
      this.#aliveAt = now;
    }
    const silentMs = now - this.#aliveAt;
    return silentMs > this.#limitMs ? silentMs : undefined;
  }

  get #limitMs(): number {
    if (this.hasBeat) return longestSilenceMs;
    return patienceMs[Math.min(this.#failedStarts, patienceMs.length - 1)]!;
  }
}
