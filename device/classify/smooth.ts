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
  readonly at: number;
}

/** By how much another label must lead before it is shown: single frames near a tie do not flip the label. */
const lead = 0.05;

/**
 * Exponential smoothing over time, per track: a frame weighs by the time since the one before it, so that the result does
 * not depend on the frame rate. State lives and dies with the track.
 */
export class Smoother {
  readonly #timeConstantMs: number;
  readonly #limits: DoubtLimits;
  readonly #states = new Map<number, Held>();

  /** @param limits when a face is called `uncertain`; without them it never is */
  constructor(timeConstantMs: number, limits: DoubtLimits = {}) {
    this.#timeConstantMs = timeConstantMs;
    this.#limits = limits;
  }

  update(track: number, seen: Doubtable, mono: number): Smoothed {
    const before = this.#states.get(track);
    const mixed = before ? mix(before, seen, this.#weight(mono - before.at)) : pick(seen);
    const named = before ? heldLabel(before.named, mixed.probabilities) : mostProbable(mixed.probabilities);
    const isDoubted = isUncertain(mixed, this.#limits, before?.uncertain);
    this.#states.set(track, { ...mixed, named, uncertain: isDoubted, at: mono });
    return { label: isDoubted ? uncertain : named, ...mixed };
  }

  /** Forgets every track but those that live. */
  keepOnly(live: ReadonlySet<number>): void {
    for (const track of this.#states.keys()) if (!live.has(track)) this.#states.delete(track);
  }

  /** Weight of the new value after `elapsed` ms: 1 - exp(-elapsed / time constant). */
  #weight(elapsed: number): number {
    return this.#timeConstantMs === 0 ? 1 : 1 - Math.exp(-elapsed / this.#timeConstantMs);
  }
}

function pick({ probabilities, reject }: Doubtable): Doubtable {
  return reject === undefined ? { probabilities } : { probabilities, reject };
}

function mix(before: Doubtable, now: Doubtable, weight: number): Doubtable {
  const between = (old: number, value: number) => (1 - weight) * old + weight * value;
  const probabilities = Object.fromEntries(
    Object.entries(now.probabilities).map(([label, value]) => [
      label,
      between(before.probabilities[label] ?? value, value),
    ]),
  );
  const { reject } = now;
  return pick({ probabilities, ...(reject !== undefined && { reject: between(before.reject ?? reject, reject) }) });
}

function heldLabel(shown: string, probabilities: Probabilities): string {
  const best = mostProbable(probabilities);
  return probabilities[best]! > (probabilities[shown] ?? 0) + lead ? best : shown;
}

/** The label with the highest probability. */
export function mostProbable(probabilities: Probabilities): string {
  return Object.entries(probabilities).reduce((best, entry) => (entry[1] > best[1] ? entry : best))[0];
}
