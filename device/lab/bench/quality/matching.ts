import { iou } from '../../../core/boxes.ts';
import type { Box } from '../../../core/types.ts';

/** A face of the reference. */
export interface ReferenceFace {
  readonly box: Box;
  /** Certain faces must be found. Others may or may not be found, because they may not be faces. */
  readonly isCertain: boolean;
}

export interface ShownFace {
  readonly box: Box;
  readonly track: number;
}

/** Result of the matching of one frame. */
export interface FrameMatch {
  readonly found: readonly { readonly reference: ReferenceFace; readonly shown: ShownFace }[];
  readonly missed: readonly ReferenceFace[];
  /** Shown without a face of the reference. */
  readonly wrong: readonly ShownFace[];
}

/** The usual threshold of IoU (PASCAL VOC, WIDER FACE). */
const sameFace = 0.5;

/**
 * Matches shown faces with the reference, the closest pairs first. Faces lower than `minHeight` and uncertain ones are ignore
 * regions, as in KITTI and MOTChallenge: neither missing them nor showing them is an error.
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
