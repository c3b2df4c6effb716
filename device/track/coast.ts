import { mapLandmarks } from '../core/landmarks.ts';
import type { Detection, Point } from '../core/types.ts';
import type { Innovation, Motion } from './motion.ts';

/**
 * Twice the innovation of a resting face (see the noise in motion.ts): the classifier's crop tolerates such an error.
 */
const maxInnovation: Innovation = { centre: 0.06, height: 0.08 };

/** Whether the prediction was as good as a detection. */
export function isSmallInnovation({ centre, height }: Innovation): boolean {
  return centre <= maxInnovation.centre && height <= maxInnovation.height;
}

/**
 * Moves a detection along its predicted motion. It moves the detection, not the filter's box, so that nothing jumps
 * between frames with and without detection.
 */
export function coastDetection(detection: Detection, from: Motion, to: Motion): Detection {
  const { box, landmarks, score } = detection;
  const grown = Math.exp(to.logHeight.position - from.logHeight.position);
  const old = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  const centre = { x: old.x + to.x.position - from.x.position, y: old.y + to.y.position - from.y.position };
  const move = ({ x, y }: Point): Point => ({ x: centre.x + (x - old.x) * grown, y: centre.y + (y - old.y) * grown });
  const { x, y } = move(box);
  return {
    box: { x, y, width: box.width * grown, height: box.height * grown },
    score,
    ...(landmarks && { landmarks: mapLandmarks(landmarks, move) }),
  };
}
