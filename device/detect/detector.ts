import type { Mat } from '../core/opencv.ts';
import type { Detection } from '../core/types.ts';

/** Kind of face box that a detector draws. The model card maps each kind to the classifier's crop. */
export type BoxKind = 'yunet' | 'blazeface' | 'haar';

/** Limits of a detector that can change at any time. */
export interface DetectLimits {
  /** Minimum score of a face; ignored by detectors without a score. */
  readonly minScore: number;
  /** Minimum height of a face, in pixels of the picture. */
  readonly minFace: number;
  /**
   * Width of YuNet's input in pixels; the height follows. 0: derived from the picture's width (`detectionWidth`).
   * BlazeFace uses four fifths of it.
   */
  readonly inputWidth: number;
  /** Minimum width where `inputWidth` is 0; default 320. */
  readonly minWidth?: number;
}

/**
 * Finds the faces of one frame (BGR, 8 bits), best first. Boxes are in pixels of the picture: `reducedBy` times those
 * of the frame, where the frame is a reduced version of it.
 */
export interface Detector {
  /** For people and logs: `YuNet (ONNX Runtime, 320x256)`. */
  readonly description: string;
  readonly boxKind: BoxKind;
  detect(frame: Mat, reducedBy?: number): Promise<readonly Detection[]>;
  /** Width in pixels that it needs of a picture of this width. */
  detectionWidth(width: number): number;
  /** Uses these limits from the next frame on, without reloading. */
  adjust(limits: DetectLimits): void;
}
