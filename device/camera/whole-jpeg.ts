import { cv } from '../core/opencv.ts';
import { decodeBytes } from './decode.ts';
import { isJpeg, jpegEnd, jpegSegments, startOfScan } from './jpeg-segments.ts';

const endOfImage = Buffer.from([0xff, 0xd9]);

/**
 * The JPEG without trailing bytes and with an end marker: some cameras never send one. Undefined for a JPEG that was
 * cut short: libjpeg would fill the rest with grey without an error.
 */
export function wholeJpeg(sent: Buffer): Buffer | undefined {
  if (!isJpeg(sent)) return undefined;
  const end = jpegEnd(sent);
  if (end !== undefined) return sent.subarray(0, end);
  const scans = withoutMarkerStart(sent);
  return hasAllPixels(scans) ? Buffer.concat([scans, endOfImage]) : undefined;
}

/** Removes 0xff at the end: with the next byte it would form a marker. */
function withoutMarkerStart(bytes: Buffer): Buffer {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0xff) end -= 1;
  return bytes.subarray(0, end);
}

/** Bits that are valid data wherever a decoder needs more. Always the same, and none of them starts a marker. */
const moreBits = Buffer.from(Array.from({ length: 96 }, (_, at) => (37 + 89 * at) % 251));

/** If the decoder needed no more bits, the picture is the same whatever follows. */
function hasAllPixels(bytes: Buffer): boolean {
  if (![...jpegSegments(bytes)].some(({ marker }) => marker === startOfScan)) return false;
  const flags = cv.IMREAD_REDUCED_GRAYSCALE_8 | cv.IMREAD_IGNORE_ORIENTATION;
  const [ended, continued] = [[], [moreBits]].map((more) => {
    const mat = decodeBytes(Buffer.concat([bytes, ...more, endOfImage]), flags);
    const pixels = mat?.getData();
    mat?.release();
    return pixels;
  });
  return ended !== undefined && continued !== undefined && ended.equals(continued);
}
