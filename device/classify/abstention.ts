import type { Sensitivity, UncertainReason } from '../core/labels.ts';
import type { Probabilities } from '../core/types.ts';
import type { ModelCard } from './card.ts';
import type { CropMeasures } from './measures.ts';

/** What the classifier and the measures say of one crop. */
export interface CropObservation {
  readonly probabilities: Probabilities;
  readonly reject?: number;
  readonly covered?: number;
  readonly measures?: CropMeasures;
}

type Cause = keyof ModelCard['uncertain'];

/** From when on a face is called `uncertain`; a limit that is not set is never crossed. */
export interface AbstentionLimits {
  /** Probability of the most probable label below which it is. */
  readonly below?: number;
  /** Probability of `reject` above which it is. */
  readonly reject?: number;
  /** Probability of `covered` above which it is. */
  readonly covered?: number;
  readonly causes?: ModelCard['uncertain'];
}

/** The limits of a card at one sensitivity; none where it has none. */
export function abstentionLimits(card: ModelCard, sensitivity: Sensitivity): AbstentionLimits {
  return {
    ...(card.sensitivity && { below: card.sensitivity[sensitivity].below }),
    ...(card.reject && { reject: card.reject.threshold }),
    ...(card.covered && { covered: card.covered.threshold }),
    ...(Object.keys(card.uncertain).length > 0 && { causes: card.uncertain }),
  };
}

export function hasLimits(limits: AbstentionLimits): boolean {
  return Object.keys(limits).length > 0;
}

/** A probability must be this far behind its limit before the face gets its label back. */
const hysteresis = 0.09;

/** The same for a measure, as a share of its limit. */
const measureHysteresis = 0.1;

/** A face that turns away for a moment has a weak label and comes back: it may take longer to become uncertain. */
const weakPatience = 1.5;

const neverExceeded = Number.NEGATIVE_INFINITY;

/**
 * How far a face is past its limits, in multiples of the way back: above 0 it is `uncertain`, from -1 down it clearly is not.
 * -Infinity without limits.
 */
export function abstentionOf(seen: CropObservation, limits: AbstentionLimits): number {
  const { below } = limits;
  const weak = below === undefined ? neverExceeded : excessShare(below - largest(seen.probabilities), 1 - below);
  const causes = measuredCauses.map((cause) => causeExcess(cause, 'alone', seen, limits));
  return Math.max(
    weak > 0 ? weak / weakPatience : weak,
    thresholdExcess(seen.reject, limits.reject),
    thresholdExcess(seen.covered, limits.covered),
    ...causes,
  );
}

/** Whether a face that stands alone is called `uncertain`. */
export function isUncertain(seen: CropObservation, limits: AbstentionLimits): boolean {
  return abstentionOf(seen, limits) > 0;
}

/** The pixels first, then what they show: in the dark nobody can tell whether a mouth is covered. */
const causeOrder = ['small', 'dark', 'blurred', 'covered', 'turned'] as const;

/** A mouth is the reason for a weak label from this share of the threshold on. */
const coveredExplainsShare = 0.5;

/**
 * Why a face is `uncertain`: the first cause that makes it so by itself, else the first one that explains a weak label, else
 * the label is ambiguous.
 */
export function reasonOf(seen: CropObservation, limits: AbstentionLimits): UncertainReason {
  const isExceeded = (cause: (typeof causeOrder)[number], kind: 'alone' | 'explains') => {
    if (cause !== 'covered') return causeExcess(cause, kind, seen, limits) > 0;
    const threshold = limits.covered && limits.covered * (kind === 'alone' ? 1 : coveredExplainsShare);
    return thresholdExcess(seen.covered, threshold) > 0;
  };
  return (
    causeOrder.find((cause) => isExceeded(cause, 'alone')) ??
    causeOrder.find((cause) => isExceeded(cause, 'explains')) ??
    'ambiguous'
  );
}

const measuredCauses = ['small', 'dark', 'blurred', 'turned'] as const satisfies readonly Cause[];

/** The measure of each cause, and whether more of it is worse. */
const measureOf = {
  small: { measure: 'side', worse: 'lower' },
  dark: { measure: 'contrast', worse: 'lower' },
  blurred: { measure: 'sharpness', worse: 'lower' },
  turned: { measure: 'turn', worse: 'higher' },
} as const satisfies Record<Cause, { measure: keyof CropMeasures; worse: 'lower' | 'higher' }>;

function causeExcess(
  cause: Cause,
  kind: 'alone' | 'explains',
  seen: CropObservation,
  { causes }: AbstentionLimits,
): number {
  const { measure, worse } = measureOf[cause];
  const limit = causes?.[cause]?.[kind];
  const value = seen.measures?.[measure];
  if (limit === undefined || value === undefined) return neverExceeded;
  return (worse === 'lower' ? limit - value : value - limit) / (measureHysteresis * limit);
}

function thresholdExcess(probability: number | undefined, threshold: number | undefined): number {
  if (threshold === undefined || probability === undefined) return neverExceeded;
  return excessShare(probability - threshold, threshold);
}

/** A limit close to 0 or 1 leaves less room behind it, and must still be left. */
function excessShare(excess: number, range: number): number {
  return excess / Math.min(hysteresis, range / 2);
}

function largest(probabilities: Probabilities): number {
  return Math.max(...Object.values(probabilities));
}
