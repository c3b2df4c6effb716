import type { JpegPicture, Reduction } from '../camera/source.ts';
import { scaleDetection } from '../core/boxes.ts';
import type { Mat } from '../core/opencv.ts';
import type { Detection } from '../core/types.ts';

/** A picture that was decoded at a reduced size and can be decoded again. */
export type Reduced = Pick<JpegPicture, 'scale' | 'targetScale' | 'decode'>;

/** A frame, which may be a reduced version of the picture. */
export interface View {
  readonly frame: Mat;
  readonly reduced: Reduced | undefined;
}

/**
 * The picture at the detector's scale: a thumbnail is decoded again. The caller releases a Mat other than the frame.
 */
export function atDetectionScale({ frame, reduced }: View): View {
  if (!reduced || reduced.scale <= reduced.targetScale) return { frame, reduced };
  return { frame: reduced.decode(reduced.targetScale, 'bgr'), reduced: { ...reduced, scale: reduced.targetScale } };
}

interface Scene<Seen> extends View {
  /** In pixels of the picture. */
  readonly faces: readonly Seen[];
  /** Height of the classifier's crop, in pixels. */
  readonly cropHeight: number;
}

/**
 * A picture in which each of these faces has the pixels that its crop needs, as far as the camera provides them, and
 * the faces in its pixels. The frame itself where that suffices, otherwise a larger version in grey, because crops are
 * grey. The caller releases a Mat other than the frame.
 */
export function atCropScale<Seen extends { readonly detection: Detection }>(
  scene: Scene<Seen>,
): { mat: Mat; faces: readonly Seen[] } {
  const { frame, reduced, faces, cropHeight } = scene;
  if (!reduced || reduced.scale === 1) return { mat: frame, faces };
  const minHeight = Math.min(...faces.map(({ detection }) => detection.box.height));
  const by = maxReduction(minHeight, cropHeight, reduced.scale);
  return {
    mat: by === reduced.scale ? frame : reduced.decode(by, 'grey'),
    faces: faces.map((face) => ({ ...face, detection: scaleDetection(face.detection, 1 / by) })),
  };
}

/** The largest reduction, at most `limit`, that leaves `needed` of `height` pixels. */
function maxReduction(height: number, needed: number, limit: Reduction): Reduction {
  return ([8, 4, 2] as const).find((by) => by <= limit && height / by >= needed) ?? 1;
}
