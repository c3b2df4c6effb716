import { mapLandmarks } from './landmarks.ts';
import type { Box, Detection } from './types.ts';

/** Intersection over union of two boxes, 0..1. */
export function iou(a: Box, b: Box): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  if (width <= 0 || height <= 0) return 0;
  const overlap = width * height;
  return overlap / (a.width * a.height + b.width * b.height - overlap);
}

/** Non-maximum suppression: the detection with the highest score of each face, sorted by score. */
export function suppressOverlaps(detections: readonly Detection[], maxIou: number): Detection[] {
  const kept: Detection[] = [];
  for (const candidate of [...detections].sort((a, b) => b.score - a.score)) {
    if (kept.every((better) => iou(better.box, candidate.box) <= maxIou)) kept.push(candidate);
  }
  return kept;
}

/** The detection in a copy of the picture that is `factor` times as wide and high. */
export function scaleDetection({ box, landmarks, score }: Detection, factor: number): Detection {
  return {
    box: scaleBox(box, factor),
    score,
    landmarks: landmarks && mapLandmarks(landmarks, ({ x, y }) => ({ x: x * factor, y: y * factor })),
  };
}

export function scaleBox({ x, y, width, height }: Box, factor: number): Box {
  return { x: x * factor, y: y * factor, width: width * factor, height: height * factor };
}
