import { mouthOf } from '../core/landmarks.ts';
import type { Landmarks } from '../core/types.ts';

/** What is measured of a crop, besides what the network says of it. */
export interface CropMeasures {
  /** Side of the crop in pixels of the frame. It does not depend on the detector, whose boxes differ. */
  readonly side: number;
  /** Deviation of the grey levels in the middle of the crop, 0..127: low in the dark and against the light. */
  readonly contrast: number;
  /** Deviation of the second differences as a share of the contrast: low where focus or motion took the edges away. */
  readonly sharpness: number;
  /** Turn of the head to the side in degrees; only where landmarks are known. */
  readonly turn?: number;
}

/** The middle of the crop, as shares of its side: the face without hair, neck and background. */
const faceArea = { left: 0.2, right: 0.8, top: 0.2, bottom: 0.88 };

/**
 * Contrast and sharpness of the network's input. Blur finer than its pixels does no harm, so it need not be measured.
 *
 * @param crop grey, `width` x `height`
 * @param side of the crop in pixels of the frame: a crop that was enlarged can have no finer edges than the frame's pixels
 */
export function measureCrop(
  crop: Uint8Array,
  size: { readonly width: number; readonly height: number },
  side: number,
): Pick<CropMeasures, 'contrast' | 'sharpness'> {
  const enlarged = Math.min(maxStep, Math.max(1, size.height / side));
  const step = Math.floor(enlarged);
  const { contrast, edges } = measureAt(crop, size, step);
  const coarser = enlarged === step ? edges : measureAt(crop, size, step + 1).edges;
  return { contrast, sharpness: (edges + (enlarged - step) * (coarser - edges)) / Math.max(1, contrast) };
}

/** Crops that were enlarged even more are measured as if they were not. */
const maxStep = 4;

/**
 * Deviation of the grey levels, and of their second differences over so many pixels: across and down apart, for motion takes
 * the edges of one direction only. The lesser one counts.
 */
function measureAt(
  crop: Uint8Array,
  { width, height }: { readonly width: number; readonly height: number },
  step: number,
): { contrast: number; edges: number } {
  const [left, right] = [Math.round(faceArea.left * width), Math.round(faceArea.right * width)];
  const [top, bottom] = [Math.round(faceArea.top * height), Math.round(faceArea.bottom * height)];
  const [grey, across, down] = [new Deviation(), new Deviation(), new Deviation()];
  for (let y = top; y < bottom; y++) {
    for (let at = y * width + left; at < y * width + right; at++) {
      const value = crop[at]!;
      grey.add(value);
      across.add(2 * value - crop[at - step]! - crop[at + step]!);
      down.add(2 * value - crop[at - step * width]! - crop[at + step * width]!);
    }
  }
  return { contrast: grey.deviation, edges: Math.min(across.deviation, down.deviation) };
}

class Deviation {
  #count = 0;
  #sum = 0;
  #squares = 0;

  add(value: number): void {
    this.#count += 1;
    this.#sum += value;
    this.#squares += value * value;
  }

  get deviation(): number {
    const mean = this.#sum / this.#count;
    return Math.sqrt(Math.max(0, this.#squares / this.#count - mean * mean));
  }
}

/** How far the nose stands out, as a share of the distance from the eyes to the mouth. */
const noseDepth = 0.55;

/**
 * Turn of a head to the side in degrees, 0 from the front: a nose moves to the side with the sine of the turn, and the eyes
 * draw together with its cosine. Measured in the head's own axes, so that a tilted head is not turned. The distance from eyes
 * to mouth is the unit: it does not change with the turn, and the eyes of a face seen from the front are as far apart.
 *
 * It needs eyes, nose and the middle of the mouth, which each detector with landmarks has.
 */
export function headTurn(landmarks: Landmarks): number {
  const { eyeLeft, eyeRight, nose } = landmarks;
  const eyes = { x: (eyeLeft.x + eyeRight.x) / 2, y: (eyeLeft.y + eyeRight.y) / 2 };
  const mouth = mouthOf(landmarks);
  const down = { x: mouth.x - eyes.x, y: mouth.y - eyes.y };
  const length = Math.hypot(down.x, down.y);
  if (length === 0) return 90;
  const aside = ((nose.x - eyes.x) * down.y - (nose.y - eyes.y) * down.x) / length;
  const apart = Math.abs((eyeRight.x - eyeLeft.x) * down.y - (eyeRight.y - eyeLeft.y) * down.x) / length;
  return (Math.atan2(Math.abs(aside) / noseDepth, apart) * 180) / Math.PI;
}
