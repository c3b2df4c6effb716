import type { JpegPicture, Reduction } from '../camera/source.ts';
import { scaleDetection } from '../core/boxes.ts';
import type { Mat } from '../core/opencv.ts';
import type { Detection } from '../core/types.ts';

/** A picture of which a smaller version was decoded, and from which more can be had. */
export type Reduced = Pick<JpegPicture, 'scale' | 'targetScale' | 'decode'>;

/** A frame, which may be a smaller version of the picture. */
export interface View {
  readonly frame: Mat;
  readonly reduced: Reduced | undefined;
}

/** The picture as the detector needs it: of a glance, more is decoded. The caller releases a Mat that is not the frame. */
export function atDetectionScale({ frame, reduced }: View): View {
  if (!reduced || reduced.scale <= reduced.targetScale) return { frame, reduced };
  return { frame: reduced.decode(reduced.targetScale, 'bgr'), reduced: { ...reduced, scale: reduced.targetScale } };
}

interface Scene<Seen> extends View {
  /** In pixels of the picture. */
  readonly faces: readonly Seen[];
  /** Height of the crop that the classifier gets, in pixels. */
  readonly cropHeight: number;
}

/**
 * The picture in which each of these faces has the pixels that its crop needs, as far as the camera gave them, and the faces
 * in pixels of that: the frame as it is where it is enough, otherwise a larger version in grey, which is all that crops
 * are. The caller releases a Mat that is not the frame.
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

/** The largest reduction, at most `most`, that leaves of `height` pixels as many as are needed. */
function maxReduction(height: number, needed: number, limit: Reduction): Reduction {
  return ([8, 4, 2] as const).find((by) => by <= limit && height / by >= needed) ?? 1;
}
