import type { UploadFault } from '../../camera/upload.ts';
import type { Face } from '../../core/types.ts';
import type { VisionSettings } from '../messages.ts';

/** A face in an independent picture, without a track. */
export type UploadFace = Omit<Face, 'track' | 'landmarks'>;

export interface UploadResult {
  /** Size of the upright picture, after the rotation of its EXIF data. */
  readonly width: number;
  readonly height: number;
  readonly faces: readonly UploadFace[];
  /** Duration of decoding and classification, in ms. */
  readonly ms: number;
}

/** Messages from the daemon to the upload process. */
export type ToUpload =
  | { readonly type: 'start'; readonly settings: VisionSettings }
  /** A part of the next picture: all but the last, which comes with `classify`. */
  | { readonly type: 'part'; readonly bytes: Uint8Array }
  | { readonly type: 'classify'; readonly bytes: Uint8Array };

/** Messages from the upload process to the daemon: one answer per request. */
export type FromUpload =
  | { readonly type: 'ready' }
  | { readonly type: 'classified'; readonly result: UploadResult }
  | { readonly type: 'refused'; readonly kind: UploadFault['kind']; readonly detail: string }
  | { readonly type: 'fatal'; readonly message: string; readonly remedy: string };
