import { inspectPicture, inspectPictureType, isPortableMap, type PictureFault } from './inspect.ts';

/** Why a picture that a stranger sent is not taken. */
export interface UploadFault {
  readonly kind: PictureFault['kind'];
  /** One line: what was expected, and what came. */
  readonly detail: string;
}

/**
 * The media types of pictures that are taken, and other names that programs have for them. They only sort out what is meant to be
 * something else: what it is, its bytes say.
 */
export const pictureTypes = ['image/jpeg', 'image/png', 'image/webp', 'image/bmp'] as const;
const typeAliases = ['image/jpg', 'image/pjpeg', 'image/x-png', 'image/x-ms-bmp', 'image/x-bmp'];

/** @param type without parameters, in small letters */
export function isPictureType(type: string): boolean {
  return [...pictureTypes, ...typeAliases].includes(type);
}

/** What can be said of the first bytes alone: undefined for one of the formats. Takes the same time whatever follows. */
export function inspectUploadType(bytes: Buffer): UploadFault | undefined {
  const fault: PictureFault | undefined = isPortableMap(bytes)
    ? { kind: 'type', reason: 'a portable map' }
    : inspectPictureType(bytes);
  return fault && describeFault(fault);
}

/**
 * The judgement of a picture that a stranger sent, see `inspectPicture`. Takes time that grows with the segments of the
 * picture: for the upload process, not for the daemon.
 *
 * @returns undefined for a picture that may be decoded
 */
export function inspectUpload(bytes: Buffer): UploadFault | undefined {
  const wrongType = inspectUploadType(bytes);
  if (wrongType) return wrongType;
  const fault = inspectPicture(bytes);
  return fault && describeFault(fault);
}

function describeFault({ kind, reason }: PictureFault): UploadFault {
  const detail =
    kind === 'type'
      ? `Expected one JPEG, PNG, WebP or BMP picture, got ${reason}`
      : `The picture cannot be used: ${reason}`;
  return { kind, detail };
}
