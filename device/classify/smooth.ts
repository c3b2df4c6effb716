import { uncertain } from '../core/labels.ts';
import type { Probabilities } from '../core/types.ts';
import { type Doubtable, type DoubtLimits, isUncertain } from './doubt.ts';

/** What a face shows, held still over time. */
export interface Smoothed extends Doubtable {
  /** A label of the model card, or `uncertain`. */
  readonly label: string;
}

/** State of one track: what is shown, and behind an `uncertain` the label that would be. */
interface Held extends Doubtable {
  readonly named: string;
  readonly uncertain: boolean;
  /** Since when the limits are crossed, monotonic ms. */
  readonly doubtedSince: number | undefined;
  readonly frames: number;
  /** How much of the average's weight lies in frames that were seen, 0..1; undefined while there is one. */
  readonly mass: number | undefined;
  readonly at: number;
}

/** How many times as probable another label must be before it is shown: single frames near a tie do not flip the label. */
const lead = 1.6;

/** No frame speaks more than 1000 to 1 against a label: one that was sure of itself must not take seconds to forget. */
const leastShare = 1e-3;

/** So many time constants a face must be beyond its limits before its label gives way to `uncertain`: a hand that passes is no news. */
const patience = 2;

export interface SmootherOptions {
  /** 0: each frame stands alone. */
  readonly timeConstantMs: number;
  /** When a face is called `uncertain`; without them it never is. */
  readonly limits?: DoubtLimits;
  /** Whether every other frame of a track is to be looked at in the mirror; only where there is a time to average over. */
  readonly mirror?: boolean;
}

/**
 * Exponential smoothing of logits over time, per track: a frame weighs by the time since the one before it, so that the
 * result does not depend on the frame rate. Logarithms of probabilities are averaged, and not probabilities, for the
 * network's evidence adds up in them: a clear frame counts for more than three that are torn. State lives and dies with the
 * track.
 */
export class Smoother {
  readonly #timeConstantMs: number;
  readonly #limits: DoubtLimits;
  readonly #mirror: boolean;
  readonly #states = new Map<number, Held>();

  constructor({ timeConstantMs, limits = {}, mirror = false }: SmootherOptions) {
    this.#timeConstantMs = timeConstantMs;
    this.#limits = limits;
    this.#mirror = mirror && timeConstantMs > 0;
  }

  /**
   * Whether the next crop of this track is to be mirrored. A network does not see quite the same in the mirror, and time takes
   * the mean of both for nothing. On PublicTest that mean was no more often right than one pass (simple-cnn, 63.5 % both).
   */
  isMirrored(track: number): boolean {
    return this.#mirror && (this.#states.get(track)?.frames ?? 0) % 2 === 1;
  }

  /** @param mono monotonic ms of the frame */
  update(track: number, seen: Doubtable, mono: number): Smoothed {
    const before = this.#states.get(track);
    const { mass, ...mixed } = before ? this.#mix(before, seen, mono) : { ...pick(seen), mass: undefined };
    const named = before ? heldLabel(before.named, mixed.probabilities) : mostProbable(mixed.probabilities);
    const doubt = this.#doubt(before, mixed, mono);
    this.#states.set(track, { ...mixed, ...doubt, named, mass, frames: (before?.frames ?? 0) + 1, at: mono });
    return { label: doubt.uncertain ? uncertain : named, ...mixed };
  }

  /** Forgets every track but those that live. */
  keepOnly(live: ReadonlySet<number>): void {
    for (const track of this.#states.keys()) if (!live.has(track)) this.#states.delete(track);
  }

  #mix(before: Held, seen: Doubtable, mono: number): Doubtable & { readonly mass: number } {
    const fresh = this.#timeConstantMs === 0 ? 1 : 1 - Math.exp((before.at - mono) / this.#timeConstantMs);
    // The first frame had no time before it, and weighs as much as the second; without that it would stand for everything
    // that was never seen, and the label would begin with whatever one frame showed.
    const mass = fresh + (1 - fresh) * (before.mass ?? fresh);
    const weight = mass === 0 ? 1 / (before.frames + 1) : fresh / mass;
    return { ...mix(before, seen, weight), mass };
  }

  #doubt(before: Held | undefined, mixed: Doubtable, mono: number): Pick<Held, 'uncertain' | 'doubtedSince'> {
    if (!isUncertain(mixed, this.#limits, this.#held(before))) return { uncertain: false, doubtedSince: undefined };
    const doubtedSince = before?.doubtedSince ?? mono;
    const isPassing = before?.uncertain === false && mono - doubtedSince < patience * this.#timeConstantMs;
    return { uncertain: !isPassing, doubtedSince };
  }

  /** Who has just come must be somewhat clearer than who is known, or a first frame near the limit would show a label for a moment. */
  #held(before: Held | undefined): number {
    if (before) return before.uncertain ? 1 : 0;
    return this.#timeConstantMs > 0 ? 0.25 : 0;
  }
}

function pick({ probabilities, reject }: Doubtable): Doubtable {
  return reject === undefined ? { probabilities } : { probabilities, reject };
}

function mix(before: Doubtable, now: Doubtable, weight: number): Doubtable {
  const between = (old: number, value: number) => (1 - weight) * old + weight * value;
  if (weight === 1) return pick(now);
  const logs = Object.entries(now.probabilities).map(([label, value]) => {
    const log = evidence(value);
    return [label, between(evidence(before.probabilities[label] ?? value), log)] as const;
  });
  const { reject } = now;
  return pick({
    probabilities: normalized(logs),
    ...(reject !== undefined && { reject: between(before.reject ?? reject, reject) }),
  });
}

function evidence(probability: number): number {
  return Math.log(Math.max(leastShare, probability));
}

function normalized(logs: readonly (readonly [string, number])[]): Probabilities {
  const sum = logs.reduce((total, [, log]) => total + Math.exp(log), 0);
  return Object.fromEntries(logs.map(([label, log]) => [label, Math.exp(log) / sum]));
}

/** The label that stays shown, or the one that has become clearly more probable. */
function heldLabel(shown: string, probabilities: Probabilities): string {
  const best = mostProbable(probabilities);
  return probabilities[best]! > lead * (probabilities[shown] ?? 0) ? best : shown;
}

/** The label with the highest probability. */
export function mostProbable(probabilities: Probabilities): string {
  return Object.entries(probabilities).reduce((best, entry) => (entry[1] > best[1] ? entry : best))[0];
}
