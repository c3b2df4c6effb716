import { abstentionLimits, hasLimits } from '../../classify/abstention.ts';
import { offsetsOf } from '../../classify/sensitivity.ts';
import { type Sensitivity, sensitivities } from '../../core/labels.ts';
import type { ModelCard } from '../../core/model-card.ts';
import { abstain, type Judged, shiftAll } from './judge.ts';
import { rounded, share } from './scores.ts';
import { scoreFaces, type Truth } from './truth.ts';

/**
 * Scores each value of `classify.sensitivity` from the same predictions. Null if the card has no operating points.
 */
export function scoreOperatingPoints(faces: readonly Judged[], card: ModelCard, truth: Truth) {
  if (!card.sensitivity) return null;
  const known = faces.filter((face) => truth.truthOf(face) !== undefined);
  const points = sensitivities.map((word) => [word, scorePoint(known, card, truth, word)] as const);
  return { comparedWith: truth.comparedWith, ...Object.fromEntries(points) };
}

function scorePoint(known: readonly Judged[], card: ModelCard, truth: Truth, word: Sensitivity) {
  const shifted = shiftAll(known, offsetsOf(card, word));
  const { accuracy, macroRecall, recall } = scoreFaces(shifted, truth);
  const { unnamed, named } = abstain(shifted, limitsOf(card, word));
  return {
    accuracy,
    macroRecall,
    neutralRecall: recall.neutral ?? null,
    uncertain: rounded(share(unnamed.length, known.length)),
    accuracyOfNamed: scoreFaces(named, truth).accuracy,
  };
}

/**
 * The faces that the device would call `uncertain` after one frame, with the reasons. Null if the card has no limits.
 *
 * @param faces predictions at this sensitivity
 */
export function scoreAbstention(faces: readonly Judged[], card: ModelCard, truth: Truth, word: Sensitivity) {
  const limits = limitsOf(card, word);
  if (!hasLimits(limits)) return null;
  const { unnamed, named, reasons } = abstain(faces, limits);
  return {
    limits,
    n: unnamed.length,
    share: rounded(share(unnamed.length, faces.length)),
    reasons,
    accuracy: scoreFaces(unnamed, truth).accuracy,
    accuracyOfOthers: scoreFaces(named, truth).accuracy,
  };
}

/** The limits that apply to a crop: the size and the pose of a face can be measured in a whole frame only. */
function limitsOf(card: ModelCard, word: Sensitivity) {
  const { causes: _causes, ...limits } = abstentionLimits(card, word);
  return limits;
}
