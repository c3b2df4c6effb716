import { uncertain } from '../core/labels.ts';
import type { Face, Probabilities } from '../core/types.ts';
import { type AbstentionLimits, abstentionOf, type CropObservation, reasonOf } from './abstention.ts';
import { AbstentionCusum, boundedLog, LabelCusum } from './cusum.ts';
import { DebouncedReason } from './debounced-reason.ts';
import type { CropMeasures } from './measures.ts';

/** Smoothed expression of a face. */
export type Smoothed = Pick<Face, 'label' | 'reason' | 'probability' | 'probabilities' | 'reject'>;

/** State of one track. */
interface TrackState {
  readonly label: LabelCusum;
  readonly abstention: AbstentionCusum;
  readonly reason: DebouncedReason;
  readonly expression: FadingWeights;
  /** Weights of everything but the expression. */
  readonly context: FadingWeights;
  average: CropObservation;
  updates: number;
  readonly since: number;
  /** Monotonic ms of the last classified frame. */
  at: number;
  /** Whether frames were skipped since. */
  wasSkipped: boolean;
}

/**
 * Number of time constants for which evidence must last before it changes the shown label: a passing hand changes
 * nothing.
 */
const patienceFactor = 2;

/**
 * Minimum weight of a frame. A crop that may not be a face, or is half hidden, says little about the expression, but
 * must not weigh nothing.
 */
const minTrust = 0.05;

/**
 * Maximum abstention of a new face with a label: it must be clearer than a known face. Otherwise a first frame near the
 * limit would show a label for a moment.
 */
const maxInitialAbstention = -0.5;

/**
 * Interval between classifications of a face with a settled expression, in ms: every fourth frame at 30 frames a
 * second, every other one at 10. On the recordings of label-stability.test.ts that is half of the frames, and labels
 * change no more often; from 150 ms on they do.
 */
const settledIntervalMs = 110;

/** Share of the skipped time that a change counts for: on average it happened half-way. */
const skippedShare = 0.5;

export interface SmootherOptions {
  /** 0: each frame is independent. */
  readonly timeConstantMs: number;
  /** Limits beyond which a face is called `uncertain`; without them it never is. */
  readonly limits?: AbstentionLimits;
  /** Whether every other crop of a track is mirrored; only with a time constant above 0. */
  readonly mirror?: boolean;
}

/**
 * Exponential smoothing of logits over time, per track, and a label that changes by a sequential test (cusum.ts). The
 * weight of a frame is the time since the previous one, so that the result does not depend on the frame rate, times the
 * probability that it shows a face: with a hand before the mouth, every network sees a wrong expression. Logarithms of
 * probabilities are averaged because the network's evidence adds up in them: one clear frame counts more than three
 * ambiguous ones. State lives and dies with the track.
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
   * Whether the next crop of this track is mirrored. A network's result differs slightly for the mirror image, and
   * smoothing averages both at no cost. On PublicTest the average was no more accurate than one pass (simple-cnn, 63.5
   * % both).
   */
  isMirrored(track: number): boolean {
    return this.#mirror && (this.#states.get(track)?.updates ?? 0) % 2 === 1;
  }

  /**
   * Whether this track must be classified in this frame: always, except when its expression is settled and was
   * classified recently.
   */
  isDue(track: number, mono: number): boolean {
    const state = this.#states.get(track);
    if (!state || this.#timeConstantMs === 0 || mono - state.at >= settledIntervalMs) return true;
    const isNew = mono - state.since < patienceFactor * this.#timeConstantMs;
    return isNew || !state.label.isSettled || !state.abstention.isSettled;
  }

  /** The last result of a track, for a frame in which it is not due. */
  repeat(track: number): Smoothed {
    const state = this.#states.get(track);
    if (!state) throw new Error(`track ${track} was never classified`);
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

  /** Drops the state of all other tracks. */
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
    // Independent frames represent equal times. At low frame rates a frame represents at most one time constant, so
    // the shown label changes after two equal frames, not after one.
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

/** Weights of an average in which old values fade with a time constant. */
class FadingWeights {
  readonly #timeConstantMs: number;
  #frames = 1;
  /** Share of the average's weight in seen frames, 0..1; undefined after the first frame. */
  #mass: number | undefined;

  constructor(timeConstantMs: number) {
    this.#timeConstantMs = timeConstantMs;
  }

  /** Weight of the next frame against all before it. @param ms time that it represents */
  weightOf(ms: number): number {
    const fresh = this.#timeConstantMs === 0 ? 1 : 1 - Math.exp(-ms / this.#timeConstantMs);
    // The first frame has no time before it and weighs as much as the second. Without that it would represent all the
    // time before it, and the label would begin with the content of a single frame.
    this.#mass = fresh + (1 - fresh) * (this.#mass ?? fresh);
    this.#frames += 1;
    return this.#mass === 0 ? 1 / this.#frames : fresh / this.#mass;
  }
}

function interpolate(old: number, now: number, weight: number): number {
  return (1 - weight) * old + weight * now;
}

/** Averages of everything but the probabilities. A value without a predecessor is taken as it is. */
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
