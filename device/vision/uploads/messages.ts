import type { UploadFault } from '../../camera/upload.ts';
import type { Face } from '../../core/types.ts';
import type { VisionSettings } from '../messages.ts';

/** A face in a picture that stands alone: nothing is followed from it to another one. */
export type UploadFace = Omit<Face, 'track' | 'landmarks'>;

export interface UploadResult {
  /** Of the picture as it is shown: turned as its EXIF data say. */
  readonly width: number;
  readonly height: number;
  readonly faces: readonly UploadFace[];
  /** How long decoding and looking took. */
  readonly ms: number;
}

/** What the daemon tells the upload process. */
export type ToUpload =
  | { readonly type: 'start'; readonly settings: VisionSettings }
  | { readonly type: 'classify'; readonly bytes: Uint8Array };

/** What the upload process tells the daemon: one answer per question. */
export type FromUpload =
  | { readonly type: 'ready' }
  | { readonly type: 'classified'; readonly result: UploadResult }
  | { readonly type: 'refused'; readonly kind: UploadFault['kind']; readonly detail: string }
  | { readonly type: 'fatal'; readonly message: string; readonly remedy: string };
