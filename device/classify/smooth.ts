import type { Probabilities } from '../core/types.ts';

/** What a face shows, held still over time. */
export interface Smoothed {
  readonly label: string;
  readonly probabilities: Probabilities;
}

/** By how much another label must lead before it is shown: single frames near a tie do not flip the label. */
const lead = 0.05;

/**
 * Exponential smoothing over time, per track: a frame weighs by the time since the one before it, so that the result does
 * not depend on the frame rate. State lives and dies with the track.
 */
export class Smoother {
  readonly #timeConstantMs: number;
  readonly #states = new Map<number, Smoothed & { at: number }>();

  constructor(timeConstantMs: number) {
    this.#timeConstantMs = timeConstantMs;
  }

  update(track: number, probabilities: Probabilities, mono: number): Smoothed {
    const before = this.#states.get(track);
    const mixed = before ? mix(before.probabilities, probabilities, this.#weight(mono - before.at)) : probabilities;
    const label = before ? heldLabel(before.label, mixed) : mostProbable(mixed);
    this.#states.set(track, { label, probabilities: mixed, at: mono });
    return { label, probabilities: mixed };
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

function mix(before: Probabilities, now: Probabilities, weight: number): Probabilities {
  return Object.fromEntries(
    Object.entries(now).map(([label, value]) => [label, (1 - weight) * (before[label] ?? value) + weight * value]),
  );
}

function heldLabel(shown: string, probabilities: Probabilities): string {
  const best = mostProbable(probabilities);
  return probabilities[best]! > (probabilities[shown] ?? 0) + lead ? best : shown;
}

/** The label with the highest probability. */
export function mostProbable(probabilities: Probabilities): string {
  return Object.entries(probabilities).reduce((best, entry) => (entry[1] > best[1] ? entry : best))[0];
}
