import type { Sensitivity, UncertainReason } from '../core/labels.ts';
import type { ModelCard } from '../core/model-card.ts';
import type { Probabilities } from '../core/types.ts';
import type { CropMeasures } from './measures.ts';

/** Outputs of the classifier and measures of one crop. */
export interface CropObservation {
  readonly probabilities: Probabilities;
  readonly reject?: number;
  readonly covered?: number;
  readonly measures?: CropMeasures;
}

type Cause = keyof ModelCard['uncertain'];

/** Limits beyond which a face is called `uncertain`; an unset limit is never exceeded. */
export interface AbstentionLimits {
  /** Minimum probability of the most probable label. */
  readonly below?: number;
  /** Maximum probability of `reject`. */
  readonly reject?: number;
  /** Maximum probability of `covered`. */
  readonly covered?: number;
  readonly causes?: ModelCard['uncertain'];
}

/** The limits of a card at one sensitivity; none where the card has none. */
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

/** Hysteresis: distance from the limit at which a probability gives the face its label back. */
const hysteresis = 0.09;

/** The same for a measure, as a share of its limit. */
const measureHysteresis = 0.1;

/**
 * Factor of the time until a weak label counts as `uncertain`: a face that turns away for a moment has a weak label and
 * recovers.
 */
const weakPatience = 1.5;

const neverExceeded = Number.NEGATIVE_INFINITY;

/**
 * How far a face exceeds its limits, in multiples of the hysteresis: above 0 it is `uncertain`, at -1 and below it
 * clearly is not. -Infinity without limits.
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

/** Whether a face in an independent picture is called `uncertain`. */
export function isUncertain(seen: CropObservation, limits: AbstentionLimits): boolean {
  return abstentionOf(seen, limits) > 0;
}

/** Image quality first, then content: in the dark a covered mouth cannot be detected. */
const causeOrder = ['small', 'dark', 'blurred', 'covered', 'turned'] as const;

/** Share of the `covered` threshold from which a covered mouth explains a weak label. */
const coveredExplainsShare = 0.5;

/**
 * Why a face is `uncertain`: the first cause that suffices alone, else the first one that explains a weak label, else
 * `ambiguous`.
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

/** The measure of each cause, and whether lower or higher values are worse. */
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

/** Half of the range is the maximum hysteresis: beyond a limit close to 0 or 1, the way back must stay reachable. */
function excessShare(excess: number, range: number): number {
  return excess / Math.min(hysteresis, range / 2);
}

function largest(probabilities: Probabilities): number {
  return Math.max(...Object.values(probabilities));
}
