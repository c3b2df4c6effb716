import { alignCrop } from '../classify/align.ts';
import { type CropRegion, cropSquare } from '../classify/crop.ts';
import { type CropMeasures, headTurn, measureCrop } from '../classify/measures.ts';
import type { ModelCard } from '../core/model-card.ts';
import type { Detection } from '../core/types.ts';
import type { BoxKind } from '../detect/detector.ts';
import { isPlausible } from '../track/plausible.ts';

/** The classifier's crop region of a face: from its landmarks where they are plausible, else from its box. */
export function cropRegionOf(detection: Detection, boxKind: BoxKind, card: ModelCard): CropRegion {
  const boxRegion = cropSquare(detection.box, card.crop.box[boxKind]);
  const { landmarks } = detection;
  return landmarks && isPlausible(detection) ? alignCrop(boxRegion, landmarks, card) : boxRegion;
}

/**
 * Measures of a face besides its expression. @param detection in pixels of the camera's picture @param crop its own
 * crop
 */
export function measureFace(detection: Detection, crop: Uint8Array, boxKind: BoxKind, card: ModelCard): CropMeasures {
  const side = cropRegionOf(detection, boxKind, card).height;
  const { landmarks } = detection;
  return {
    side,
    ...measureCrop(crop, card.input, side),
    ...(landmarks && isPlausible(detection) && { turn: headTurn(landmarks) }),
  };
}
