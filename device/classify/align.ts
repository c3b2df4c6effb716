import type { Landmarks, Point } from '../core/types.ts';
import type { ModelCard } from './card.ts';
import type { CropPlace } from './crop.ts';
import { applySimilarity, fitSimilarity } from './similarity.ts';

/** Not the nose: it moves most, and sidewards, when a head turns. */
const marks = ['eyeLeft', 'eyeRight', 'mouthLeft', 'mouthRight'] as const;

/**
 * Turns and moves the crop of a box so that eyes and mouth come to lie where the network knows them.
 *
 * The turn is that of the landmarks. Of place and size it goes half of the way only: of a head that turns to the side the
 * landmarks draw together and the box does not, of one that opens its mouth the box grows and the landmarks do not, and
 * FER-2013's own faces lie between the two. Measured on 2,823 validation faces found in frames: against the box 0.5 points of
 * accuracy more on upright heads, as with any mixture of the two, and 3 more on heads tilted by 20 degrees, where all that is
 * turned by less loses.
 *
 * @param boxed the crop of the face's box
 */
export function alignCrop(
  boxed: CropPlace,
  landmarks: Landmarks,
  { input, crop }: Pick<ModelCard, 'input' | 'crop'>,
): CropPlace {
  const template = marks.map((mark) => toPoint(crop.landmarks[mark]));
  const toFrame = fitSimilarity(
    template,
    marks.map((mark) => landmarks[mark]),
  );
  const center = applySimilarity(toFrame, { x: input.width / 2, y: input.height / 2 });
  const scale = Math.hypot(toFrame.a, toFrame.b);
  return {
    center: { x: (boxed.center.x + center.x) / 2, y: (boxed.center.y + center.y) / 2 },
    width: Math.sqrt(boxed.width * scale * input.width),
    height: Math.sqrt(boxed.height * scale * input.height),
    roll: Math.atan2(toFrame.b, toFrame.a),
  };
}

function toPoint([x, y]: readonly [number, number]): Point {
  return { x, y };
}
