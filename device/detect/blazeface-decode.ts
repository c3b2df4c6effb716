import type { Box, Detection, Point } from '../core/types.ts';
import type { InputSize } from './input.ts';

/** The outputs of BlazeFace for one stride: per anchor one logit and 16 numbers, see `decodeBlazeface`. */
export interface BlazefaceLayer {
  readonly stride: number;
  /** Anchors per cell; all have the cell's centre as their origin. */
  readonly anchors: number;
  readonly logits: Float32Array;
  readonly boxes: Float32Array;
}

export type BlazefaceOutputs = readonly BlazefaceLayer[];

/** Layers of the 256x256 "back" network: 16x16 cells with 2 anchors, 8x8 cells with 6. */
export const blazefaceLayers = [
  { stride: 16, anchors: 2, logits: 'Identity:0', boxes: 'Identity_2:0' },
  { stride: 32, anchors: 6, logits: 'Identity_1:0', boxes: 'Identity_3:0' },
] as const;

/**
 * Pairs of a BlazeFace score (sigmoid) and the equivalent YuNet score, so that `detect.minScore` and the tracker's
 * limits hold for both. Pairs below 0.7 have the same number of false boxes in the nine recordings; pairs above lose
 * the same share of faces. BlazeFace has 175 false boxes at 0.3, 12 at 0.6, 4 at 0.7. At 0.8 it finds 93 % of the
 * faces, as YuNet does at 0.85.
 */
const scoreMap = [
  [0, 0],
  [0.3, 0.3],
  [0.6, 0.5],
  [0.7, 0.7],
  [0.8, 0.85],
  [1, 1],
] as const;

/**
 * BlazeFace draws a square from the brows to the chin. This maps it to YuNet's box of the same face, from the hairline
 * to the chin, in sides of the square: medians over 462 faces in the recordings. So a face has the same height with
 * either detector.
 */
const boxMap = { width: 0.94, height: 1.23, down: -0.135 } as const;
/**
 * The same for squares of 12 px of the input and less, which are drawn larger around their faces (570 faces up to 15
 * px).
 */
const smallBoxMap = { width: 0.88, height: 1.12, down: -0.015 } as const;
const smallSide = 12;
const regularSide = 20;

/**
 * Decodes the outputs to faces in pixels of the network's input, before non-maximum suppression. Each anchor has x, y,
 * width and height of a square, then x, y of six points, in pixels from the cell's centre.
 *
 * @param minScore on YuNet's scale
 */
export function decodeBlazeface(outputs: BlazefaceOutputs, input: InputSize, minScore: number): Detection[] {
  return outputs.flatMap((layer) => decodeLayer(layer, input.width / layer.stride, minScore));
}

function decodeLayer({ stride, anchors, logits, boxes }: BlazefaceLayer, columns: number, minScore: number) {
  const detections: Detection[] = [];
  for (let index = 0; index < logits.length; index++) {
    const score = toYunetScore(1 / (1 + Math.exp(-logits[index]!)));
    if (score < minScore) continue;
    const cell = Math.floor(index / anchors);
    const x = ((cell % columns) + 0.5) * stride;
    const y = (Math.floor(cell / columns) + 0.5) * stride;
    const at = index * 16;
    const point = (number: number): Point => ({
      x: x + boxes[at + 4 + 2 * number]!,
      y: y + boxes[at + 5 + 2 * number]!,
    });
    detections.push({
      box: toYunetBox({ x: x + boxes[at]!, y: y + boxes[at + 1]! }, boxes[at + 3]!),
      score,
      // BlazeFace's "right eye" is the person's right eye: the left one in the picture.
      landmarks: {
        eyeLeft: point(0),
        eyeRight: point(1),
        nose: point(2),
        mouth: point(3),
        earLeft: point(4),
        earRight: point(5),
      },
    });
  }
  return detections;
}

/** @param side of the square; its width and height are equal */
function toYunetBox(center: Point, side: number): Box {
  const share = Math.min(1, Math.max(0, (side - smallSide) / (regularSide - smallSide)));
  const interpolate = (key: keyof typeof boxMap) =>
    side * (smallBoxMap[key] + share * (boxMap[key] - smallBoxMap[key]));
  const width = interpolate('width');
  const height = interpolate('height');
  return { x: center.x - width / 2, y: center.y + interpolate('down') - height / 2, width, height };
}

function toYunetScore(score: number): number {
  const above = scoreMap.findIndex(([from]) => from >= score);
  if (above <= 0) return 0;
  const [from, low] = scoreMap[above - 1]!;
  const [to, high] = scoreMap[above]!;
  return low + ((score - from) / (to - from)) * (high - low);
}
