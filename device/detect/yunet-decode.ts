import type { Detection, Point } from '../core/types.ts';

/**
 * The twelve outputs of YuNet by name: `cls_S`, `obj_S` ([cells, 1]), `bbox_S` ([cells, 4]) and `kps_S` ([cells, 10])
 * for the strides S of 8, 16 and 32, row by row.
 */
export type YunetOutputs = Readonly<Record<string, Float32Array>>;

export const yunetStrides = [8, 16, 32] as const;

export const yunetOutputNames = ['cls', 'obj', 'bbox', 'kps'].flatMap((kind) =>
  yunetStrides.map((stride) => `${kind}_${stride}`),
);

/**
 * Decodes YuNet's outputs to faces in pixels of the network's input, before non-maximum suppression. Follows OpenCV's
 * FaceDetectorYN (modules/objdetect/src/face_detect.cpp, 4.6): score = sqrt(cls * obj), both clamped to 0..1.
 */
export function decodeYunet(outputs: YunetOutputs, inputWidth: number, minScore: number): Detection[] {
  const detections: Detection[] = [];
  // sqrt(cls * obj) >= minScore  <=>  cls * obj >= minScore^2: one multiplication per cell.
  const minProduct = minScore * minScore;
  for (const stride of yunetStrides) {
    const cls = outputs[`cls_${stride}`]!;
    const obj = outputs[`obj_${stride}`]!;
    const bbox = outputs[`bbox_${stride}`]!;
    const kps = outputs[`kps_${stride}`]!;
    const columns = inputWidth / stride;
    for (let cell = 0; cell < cls.length; cell++) {
      const product = clamp01(cls[cell]!) * clamp01(obj[cell]!);
      if (product < minProduct) continue;
      const column = cell % columns;
      const row = Math.floor(cell / columns);
      const width = Math.exp(bbox[cell * 4 + 2]!) * stride;
      const height = Math.exp(bbox[cell * 4 + 3]!) * stride;
      const point = (index: number): Point => ({
        x: (column + kps[cell * 10 + index * 2]!) * stride,
        y: (row + kps[cell * 10 + index * 2 + 1]!) * stride,
      });
      detections.push({
        box: {
          x: (column + bbox[cell * 4]!) * stride - width / 2,
          y: (row + bbox[cell * 4 + 1]!) * stride - height / 2,
          width,
          height,
        },
        score: Math.sqrt(product),
        // YuNet's "right eye" is the person's right eye: the left one in the picture.
        landmarks: { eyeLeft: point(0), eyeRight: point(1), nose: point(2), mouthLeft: point(3), mouthRight: point(4) },
      });
    }
  }
  return detections;
}

function clamp01(value: number): number {
  return Math.min(1, Math.max(0, value));
}
