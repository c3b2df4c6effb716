import { isJpeg, jpegSegments } from './jpeg-segments.ts';
import { type Orientation, orientationOfExif, upright } from './orientation.ts';
import { pngChunks, webpChunks } from './picture-chunks.ts';

const app1 = 0xe1;
const exifHeader = Buffer.from('Exif\0\0');
const orientationTag = 0x0112;

/**
 * How the pixels of a JPEG, PNG or WebP must be turned, from its EXIF. Browsers apply it, and OpenCV does so for some
 * formats and versions. So only this function reads it, and OpenCV always decodes without turning.
 */
export function pictureOrientation(bytes: Buffer): Orientation {
  const exif = isJpeg(bytes)
    ? exifOfJpeg(bytes)
    : (exifIn(pngChunks(bytes), 'eXIf') ?? exifIn(webpChunks(bytes), 'EXIF'));
  return exif ? orientationOfExif(orientationValue(exif)) : upright;
}

function exifOfJpeg(bytes: Buffer): Buffer | undefined {
  for (const { marker, at, end } of jpegSegments(bytes)) {
    const content = bytes.subarray(at + 4, end);
    if (marker === app1 && startsWithExif(content)) return content.subarray(exifHeader.length);
  }
  return undefined;
}

function exifIn(chunks: Iterable<{ type: string; data: Buffer }>, wanted: string): Buffer | undefined {
  for (const { type, data } of chunks) {
    // Some writers keep the header of the JPEG segment in front of it.
    if (type === wanted) return startsWithExif(data) ? data.subarray(exifHeader.length) : data;
  }
  return undefined;
}

function startsWithExif(bytes: Buffer): boolean {
  return bytes.subarray(0, exifHeader.length).equals(exifHeader);
}

/**
 * Orientation tag of the first directory of a TIFF structure (CIPA DC-008, 4.5.2 and 4.6.2); 1 (upright) where it is
 * missing.
 */
function orientationValue(tiff: Buffer): number {
  const order = tiff.toString('latin1', 0, 2);
  if (tiff.length < 8 || (order !== 'II' && order !== 'MM')) return 1;
  const short = (at: number) => (order === 'II' ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
  const directory = order === 'II' ? tiff.readUInt32LE(4) : tiff.readUInt32BE(4);
  if (directory + 2 > tiff.length) return 1;
  const entries = short(directory);
  for (let entry = 0; entry < entries; entry++) {
    const at = directory + 2 + 12 * entry;
    if (at + 12 > tiff.length) return 1;
    if (short(at) === orientationTag) return short(at + 8);
  }
  return 1;
}
