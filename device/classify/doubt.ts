import type { Probabilities } from '../core/types.ts';
import type { ModelCard } from './card.ts';

/** From when on a face is called `uncertain`; a limit that is not set is never crossed. */
export interface DoubtLimits {
  /** Probability of `reject` above which it is. */
  readonly reject?: number;
  /** Probability of the most probable label under which it is. */
  readonly below?: number;
}

/** What the limits are held against. */
export interface Doubtable {
  readonly probabilities: Probabilities;
  readonly reject?: number;
}

/** The limits of a card; none where it has none. */
export function doubtLimits(card: ModelCard): DoubtLimits {
  return {
    ...(card.reject && { reject: card.reject.threshold }),
    ...(card.uncertain && { below: card.uncertain.below }),
  };
}

export function hasLimits({ reject, below }: DoubtLimits): boolean {
  return reject !== undefined || below !== undefined;
}

/** A face that was called `uncertain` must be this far behind a limit to lose the word again. */
const wayBack = 0.09;

/** A face that turns away for a moment has a weak label, and comes back: less urgent than one that is none. */
const patienceWithWeak = 1.5;

/**
 * How far beyond its limits a face is, as a multiple of the way back: above 0 it is `uncertain`, from -1 down clearly not.
 * -Infinity without limits.
 */
export function doubtOf({ probabilities, reject }: Doubtable, { reject: most, below: least }: DoubtLimits): number {
  // A limit close to 0 or 1 leaves less room behind it, and must still be left.
  const beyond = (by: number, room: number) => by / Math.min(wayBack, room / 2);
  const isRejected = most === undefined || reject === undefined ? never : beyond(reject - most, most);
  const isWeak = least === undefined ? never : beyond(least - Math.max(...Object.values(probabilities)), 1 - least);
  return Math.max(isRejected, isWeak > 0 ? isWeak / patienceWithWeak : isWeak);
}

const never = Number.NEGATIVE_INFINITY;

/** Whether a face that stands alone is called `uncertain`. */
export function isUncertain(face: Doubtable, limits: DoubtLimits): boolean {
  return doubtOf(face, limits) > 0;
}
