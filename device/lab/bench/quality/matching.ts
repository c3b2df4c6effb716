import { iou } from '../../../core/boxes.ts';
import type { Box } from '../../../core/types.ts';

/** A face as the reference sees it. */
export interface ReferenceFace {
  readonly box: Box;
  /** Must be found. The others may be found or not: nobody can say for certain that they are faces. */
  readonly isCertain: boolean;
}

export interface ShownFace {
  readonly box: Box;
  readonly track: number;
}

/** What became of one frame's faces. */
export interface FrameMatch {
  readonly found: readonly { readonly reference: ReferenceFace; readonly shown: ShownFace }[];
  readonly missed: readonly ReferenceFace[];
  /** Shown where the reference sees nothing. */
  readonly wrong: readonly ShownFace[];
}

/** The usual bound of the field (PASCAL VOC, WIDER FACE). */
const sameFace = 0.5;

/**
 * Pairs what was shown with the reference, the closest pairs first. Faces lower than `minHeight` and doubtful ones are
 * regions of no account, as in KITTI and MOTChallenge: missing them is no fault and showing them neither.
 */
export function matchFrame(
  reference: readonly ReferenceFace[],
  shown: readonly ShownFace[],
  minHeight: number,
): FrameMatch {
  const isDue = ({ box, isCertain }: ReferenceFace) => isCertain && box.height >= minHeight;
  const due = reference.filter(isDue);
  const found = closestPairs(due, shown);
  const isTaken = new Set(found.map((pair) => pair.shown));
  const rest = shown.filter((face) => !isTaken.has(face));
  const others = reference.filter((face) => !isDue(face));
  const ofNoAccount = new Set(closestPairs(others, rest).map((pair) => pair.shown));
  const isFound = new Set(found.map((pair) => pair.reference));
  return {
    found,
    missed: due.filter((face) => !isFound.has(face)),
    wrong: rest.filter((face) => !ofNoAccount.has(face) && face.box.height >= minHeight),
  };
}

function closestPairs(reference: readonly ReferenceFace[], shown: readonly ShownFace[]) {
  const candidates = reference
    .flatMap((face) => shown.map((other) => ({ reference: face, shown: other, overlap: iou(face.box, other.box) })))
    .filter(({ overlap }) => overlap >= sameFace)
    .sort((a, b) => b.overlap - a.overlap);
  const taken = new Set<unknown>();
  return candidates.filter((pair) => {
    if (taken.has(pair.reference) || taken.has(pair.shown)) return false;
    taken.add(pair.reference).add(pair.shown);
    return true;
  });
}
