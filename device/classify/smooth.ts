import { uncertain } from '../core/labels.ts';
import type { Face, Probabilities } from '../core/types.ts';
import { type AbstentionLimits, abstentionOf, type CropObservation, reasonOf } from './abstention.ts';
import { AbstentionCusum, boundedLog, LabelCusum } from './cusum.ts';
import { DebouncedReason } from './debounced-reason.ts';
import type { CropMeasures } from './measures.ts';

/** What a face shows, held still over time. */
export type Smoothed = Pick<Face, 'label' | 'reason' | 'probability' | 'probabilities' | 'reject'>;

/** State of one track. */
interface TrackState {
  readonly label: LabelCusum;
  readonly abstention: AbstentionCusum;
  readonly reason: DebouncedReason;
  readonly expression: FadingWeights;
  /** Of everything but the expression. */
  readonly context: FadingWeights;
  average: CropObservation;
  updates: number;
  readonly since: number;
  /** When it was looked at last. */
  at: number;
  /** Whether frames have gone by since. */
  wasSkipped: boolean;
}

/** So many time constants evidence must hold on before it changes what is shown: a hand that passes is no news. */
const patienceFactor = 2;

/** A face that may be none, or is half hidden, says little of its expression; but it must be able to say something. */
const minTrust = 0.05;

/** Who has just come must be somewhat clearer than who is known, or a first frame near the limit would show a label for a moment. */
const maxInitialAbstention = -0.5;

/**
 * How often a face is looked at whose expression holds still, in ms: every fourth frame at 30 frames a second, every other one
 * at 10. On the recordings of steady.test.ts that is half of the frames, and labels change no more often; from 150 ms on they do.
 */
const settledIntervalMs = 110;

/** What has changed while nobody looked did so, on average, half-way. */
const skippedShare = 0.5;

export interface SmootherOptions {
  /** 0: each frame stands alone. */
  readonly timeConstantMs: number;
  /** When a face is called `uncertain`; without them it never is. */
  readonly limits?: AbstentionLimits;
  /** Whether every other frame of a track is to be looked at in the mirror; only where there is a time to average over. */
  readonly mirror?: boolean;
}

/**
 * Exponential smoothing of logits over time, per track, and a label that changes by a sequential test (cusum.ts). A frame
 * weighs by the time since the one before it, so that the result does not depend on the frame rate, and by the probability
 * that it shows a face at all: a hand before a mouth makes every network see an expression that is none. Logarithms of
 * probabilities are averaged, and not probabilities, for the network's evidence adds up in them: a clear frame counts for more
 * than three that are torn. State lives and dies with the track.
 */
export class Smoother {
  readonly #timeConstantMs: number;
  readonly #limits: AbstentionLimits;
  readonly #mirror: boolean;
  readonly #states = new Map<number, TrackState>();

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
    return this.#mirror && (this.#states.get(track)?.updates ?? 0) % 2 === 1;
  }

  /** Whether the expression of this track is to be looked at: always, but where it has held still and was seen just now. */
  isDue(track: number, mono: number): boolean {
    const state = this.#states.get(track);
    if (!state || this.#timeConstantMs === 0 || mono - state.at >= settledIntervalMs) return true;
    const isNew = mono - state.since < patienceFactor * this.#timeConstantMs;
    return isNew || !state.label.isSettled || !state.abstention.isSettled;
  }

  /** What is shown of a track in a frame in which it was not due. */
  repeat(track: number): Smoothed {
    const state = this.#states.get(track);
    if (!state) throw new Error(`track ${track} was never looked at`);
    state.wasSkipped = true;
    return describe(state);
  }

  /** @param mono monotonic ms of the frame */
  update(track: number, seen: CropObservation, mono: number): Smoothed {
    const known = this.#states.get(track);
    const state = known ?? this.#begin(seen, mono);
    if (known) this.#follow(known, seen, mono);
    else this.#states.set(track, state);
    state.updates += 1;
    return describe(state);
  }

  /** Forgets every track but those that live. */
  keepOnly(live: ReadonlySet<number>): void {
    for (const track of this.#states.keys()) if (!live.has(track)) this.#states.delete(track);
  }

  #begin(seen: CropObservation, mono: number): TrackState {
    const patienceMs = patienceFactor * this.#timeConstantMs;
    const isUncertain = abstentionOf(seen, this.#limits) > (this.#timeConstantMs > 0 ? maxInitialAbstention : 0);
    return {
      label: new LabelCusum(mostProbable(seen.probabilities), patienceMs),
      abstention: new AbstentionCusum(isUncertain, patienceMs),
      reason: new DebouncedReason(reasonOf(seen, this.#limits), patienceMs),
      expression: new FadingWeights(this.#timeConstantMs),
      context: new FadingWeights(this.#timeConstantMs),
      average: seen,
      updates: 0,
      since: mono,
      at: mono,
      wasSkipped: false,
    };
  }

  #follow(state: TrackState, seen: CropObservation, mono: number): void {
    // Where each frame stands alone, it stands for as long as the next. Where frames come seldom, none stands for all the time
    // before it: what is shown changes with two frames that agree, and not with one.
    const ms = this.#timeConstantMs === 0 ? 1 : Math.min(mono - state.at, this.#timeConstantMs);
    const trustedMs = ms * Math.max(minTrust, (1 - (seen.reject ?? 0)) * (1 - (seen.covered ?? 0)));
    const probabilities = mixProbabilities(state.average, seen, state.expression.weightOf(trustedMs));
    state.average = { probabilities, ...mixRest(state.average, seen, state.context.weightOf(ms)) };
    const share = state.wasSkipped ? skippedShare : 1;
    state.at = mono;
    state.wasSkipped = false;
    if (state.abstention.isNew) state.label.rename(mostProbable(probabilities));
    else state.label.add(seen.probabilities, share * trustedMs);
    const wasUncertain = state.abstention.isUncertain;
    state.abstention.add(abstentionOf(state.average, this.#limits), share * ms);
    const reason = reasonOf(state.average, this.#limits);
    if (wasUncertain) state.reason.add(reason, share * ms);
    else state.reason.replace(reason);
  }
}

function describe({ abstention, label, reason, average: { probabilities, reject } }: TrackState): Smoothed {
  return {
    ...(abstention.isUncertain
      ? { label: uncertain, reason: reason.shown }
      : { label: label.name, probability: probabilities[label.name] ?? 0 }),
    probabilities,
    ...(reject !== undefined && { reject }),
  };
}

/** The weights of an average of which what is old fades with a time constant. */
class FadingWeights {
  readonly #timeConstantMs: number;
  #frames = 1;
  /** How much of the average's weight lies in frames that were seen, 0..1; undefined while there is one. */
  #mass: number | undefined;

  constructor(timeConstantMs: number) {
    this.#timeConstantMs = timeConstantMs;
  }

  /** Weight of the next frame against all before it. @param ms how much time it stands for */
  weightOf(ms: number): number {
    const fresh = this.#timeConstantMs === 0 ? 1 : 1 - Math.exp(-ms / this.#timeConstantMs);
    // The first frame had no time before it, and weighs as much as the second; without that it would stand for everything
    // that was never seen, and the label would begin with whatever one frame showed.
    this.#mass = fresh + (1 - fresh) * (this.#mass ?? fresh);
    this.#frames += 1;
    return this.#mass === 0 ? 1 / this.#frames : fresh / this.#mass;
  }
}

function interpolate(old: number, now: number, weight: number): number {
  return (1 - weight) * old + weight * now;
}

/** Averages of everything but the probabilities; what was not known before, or is not now, is as it is now. */
function mixRest(
  before: CropObservation,
  { reject, covered, measures }: CropObservation,
  weight: number,
): Omit<CropObservation, 'probabilities'> {
  return {
    ...(reject !== undefined && { reject: interpolate(before.reject ?? reject, reject, weight) }),
    ...(covered !== undefined && { covered: interpolate(before.covered ?? covered, covered, weight) }),
    ...(measures && { measures: mixMeasures(before.measures ?? measures, measures, weight) }),
  };
}

function mixMeasures(before: CropMeasures, { turn, ...now }: CropMeasures, weight: number): CropMeasures {
  return {
    side: interpolate(before.side, now.side, weight),
    contrast: interpolate(before.contrast, now.contrast, weight),
    sharpness: interpolate(before.sharpness, now.sharpness, weight),
    ...(turn !== undefined && { turn: interpolate(before.turn ?? turn, turn, weight) }),
  };
}

function mixProbabilities(before: CropObservation, { probabilities }: CropObservation, weight: number): Probabilities {
  if (weight === 1) return probabilities;
  const logs = Object.entries(probabilities).map(([label, value]) => {
    const old = boundedLog(before.probabilities[label] ?? value);
    return [label, interpolate(old, boundedLog(value), weight)] as const;
  });
  const sum = logs.reduce((total, [, log]) => total + Math.exp(log), 0);
  return Object.fromEntries(logs.map(([label, log]) => [label, Math.exp(log) / sum]));
}

/** The label with the highest probability. */
export function mostProbable(probabilities: Probabilities): string {
  return Object.entries(probabilities).reduce((best, entry) => (entry[1] > best[1] ? entry : best))[0];
}
