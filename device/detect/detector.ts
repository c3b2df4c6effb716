import type { Mat } from '../core/opencv.ts';
import type { Detection } from '../core/types.ts';

/** Which kind of face box a detector draws; the model card says how each maps to the classifier's crop. */
export type BoxKind = 'yunet' | 'blazeface' | 'haar';

/** What may be asked of a detector at any time. */
export interface DetectLimits {
  /** Least score of a face; of detectors that give one. */
  readonly minScore: number;
  /** Least height of a face, in pixels of the picture. */
  readonly minFace: number;
  /**
   * Width at which YuNet looks at the frame, 0: as the picture's width asks for (`lookWidth`); the height follows. BlazeFace
   * looks at four fifths of it.
   */
  readonly inputWidth: number;
  /** Least width where none is set; 320. */
  readonly minWidth?: number;
}

/**
 * Finds the faces of one frame (BGR, 8 bits), best first. Boxes are in pixels of the picture, `reducedBy` times those of the
 * frame where that is a smaller version of it.
 */
export interface Detector {
  /** For people and logs: `YuNet (ONNX Runtime, 320x256)`. */
  readonly description: string;
  readonly boxKind: BoxKind;
  detect(frame: Mat, reducedBy?: number): Promise<readonly Detection[]>;
  /** Width that is enough for it, of a picture of that width. */
  detectionWidth(width: number): number;
  /** Looks with these from the next frame on, without being loaded anew. */
  adjust(limits: DetectLimits): void;
}
