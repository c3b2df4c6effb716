import { cv } from '../core/opencv.ts';
import { decodeBytes } from './decode.ts';
import { isJpeg, jpegEnd, jpegSegments, startOfScan } from './jpeg-segments.ts';

const endOfImage = Buffer.from([0xff, 0xd9]);

/**
 * A JPEG without what follows it, and with an end: there are cameras that never send the end marker. Undefined for one that
 * was cut short, of which libjpeg would fill the rest with grey and say nothing.
 */
export function wholeJpeg(sent: Buffer): Buffer | undefined {
  if (!isJpeg(sent)) return undefined;
  const end = jpegEnd(sent);
  if (end !== undefined) return sent.subarray(0, end);
  const scans = withoutMarkerStart(sent);
  return hasAllPixels(scans) ? Buffer.concat([scans, endOfImage]) : undefined;
}

/** No marker may begin at its end, or the next byte would make one of it. */
function withoutMarkerStart(bytes: Buffer): Buffer {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0xff) end -= 1;
  return bytes.subarray(0, end);
}

/** Bits that mean something wherever a decoder still needs any; the same each time, and none of them begins a marker. */
const moreBits = Buffer.from(Array.from({ length: 96 }, (_, at) => (37 + 89 * at) % 251));

/** Where a decoder needed no more bits, it makes the same picture of it whatever follows. */
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
