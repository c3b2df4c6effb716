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

/**
 * How far behind a limit a face must be to lose the word again: single frames near the limit do not flip it. Of 14 people in
 * recordings, 4 change to or fro with 0.05, and one with 0.09.
 */
const wayBack = 0.09;

/**
 * Whether a face is called `uncertain`.
 *
 * @param held how much of the way back it must be behind both limits, 0..1: all of it if it was `uncertain`
 */
export function isUncertain({ probabilities, reject }: Doubtable, limits: DoubtLimits, held = 0): boolean {
  // A limit close to 0 or 1 leaves less room behind it, and must still be left.
  const back = (room: number) => held * Math.min(wayBack, room / 2);
  const { reject: most, below: least } = limits;
  const isRejected = most !== undefined && reject !== undefined && reject > most - back(most);
  const isWeak = least !== undefined && Math.max(...Object.values(probabilities)) < least + back(1 - least);
  return isRejected || isWeak;
}
