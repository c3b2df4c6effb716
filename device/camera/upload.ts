import { inspectPicture, inspectPictureType, isPortableMap, type PictureFault } from './inspect.ts';

/** Why an uploaded picture is refused. */
export interface UploadFault {
  readonly kind: PictureFault['kind'];
  /** One line: what was expected, and what came. */
  readonly detail: string;
}

/** Check of the first bytes: undefined for a supported format. Takes constant time. */
export function inspectUploadType(bytes: Buffer): UploadFault | undefined {
  const fault: PictureFault | undefined = isPortableMap(bytes)
    ? { kind: 'type', reason: 'a portable map' }
    : inspectPictureType(bytes);
  return fault && describeFault(fault);
}

/**
 * Check of an uploaded picture, see `inspectPicture`. Its time grows with the number of segments: call it in the upload
 * process, not in the daemon.
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
