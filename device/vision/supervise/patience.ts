/**
 * What the vision process does now, as its messages tell. `loading`: libraries and networks. `measuring`: the first
 * picture of an opening, with which runtimes and threads are chosen. `running`: everything else.
 */
export type Phase = 'loading' | 'opening' | 'measuring' | 'running';

/** Phases that end. A board that is too slow for the limit of one of them gets more time at the next attempt. */
export type BoundedPhase = Exclude<Phase, 'running'>;

/** Limits of a phase in ms, by the number of previous attempts that exceeded theirs. The last one stays. */
export type Limits = Readonly<Record<BoundedPhase, readonly number[]>>;

/** Time without a message and without processor time. A process that loads needs both on every board. */
const busyLimitsMs = [30_000, 60_000, 120_000, 240_000];

/**
 * Opening a camera or a stream may block, and waits without processor time. A hanging one is retried soon. A slow one (a
 * stream whose first whole picture takes long, a slow board) gets more time at each retry.
 */
export const defaultLimits: Limits = {
  loading: busyLimitsMs,
  opening: [6000, 15_000, 30_000, 60_000, 120_000],
  measuring: busyLimitsMs,
};

/**
 * A phase that uses processor time may last this many times its limit, so 10 minutes at first. A process that computes
 * for ever ends too.
 */
export const busyFactor = 20;

/** Remembers over the runs of the vision process which phases took too long. */
export class Patience {
  readonly #limits: Limits;
  readonly #exceeded: Record<BoundedPhase, number> = { loading: 0, opening: 0, measuring: 0 };

  constructor(limits: Limits = defaultLimits) {
    this.#limits = limits;
  }

  /** Limit of the present attempt, in ms. */
  limitMs(phase: BoundedPhase): number {
    const limits = this.#limits[phase];
    return limits[Math.min(this.#exceeded[phase], limits.length - 1)]!;
  }

  /** The next attempt gets more time. */
  addExceeded(phase: BoundedPhase): void {
    this.#exceeded[phase] += 1;
  }

  /** The phase has ended well, or starts under other circumstances: its first limit applies again. */
  reset(phase: BoundedPhase): void {
    this.#exceeded[phase] = 0;
  }
}
