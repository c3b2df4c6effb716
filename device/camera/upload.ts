import { isJpeg, jpegEnd } from './jpeg-segments.ts';
import { pictureSize } from './picture-size.ts';

/** Why a picture is not taken. `type`: none of the formats; `size`: too few or too many pixels; `damaged`: not whole. */
export interface UploadFault {
  readonly kind: 'type' | 'size' | 'damaged';
  /** One line: what was expected, and what came. */
  readonly detail: string;
}

const expected = 'Expected one JPEG, PNG, WebP or BMP picture';
const mostPixels = 40_000_000;
/** A side beyond it is that of no camera; below the least no face has room. */
const mostSide = 16_384;
const leastSide = 16;

/** What can be said of the first bytes alone: undefined for one of the formats. Takes the same time whatever follows. */
export function inspectUploadType(bytes: Buffer): UploadFault | undefined {
  if (formats.some(({ is }) => is(bytes))) return undefined;
  return { kind: 'type', detail: `${expected}, got ${nameOf(bytes)}` };
}

/**
 * Looks at the bytes of a picture that a stranger sent, before anything decodes them: what it is, how large it says that it
 * is, whether it is whole and holds one picture only. Costs no memory, whatever the picture
 * claims, but time that grows with its segments: for the upload process, not for the daemon.
 *
 * @returns undefined for a picture that may be decoded
 */
export function inspectUpload(bytes: Buffer): UploadFault | undefined {
  const inspect = formats.find(({ is }) => is(bytes))?.inspect;
  if (!inspect) return inspectUploadType(bytes);
  const fault = inspect(bytes);
  if (fault) return fault;
  const size = pictureSize(bytes);
  if (!size) return damaged('its header says no size');
  const { width, height } = size;
  if (width < leastSide || height < leastSide) {
    return tooLarge(`at least ${leastSide}x${leastSide} pixels`, width, height);
  }
  if (width > mostSide || height > mostSide) return tooLarge(`at most ${mostSide} pixels a side`, width, height);
  if (width * height > mostPixels) return tooLarge(`at most ${mostPixels / 1e6} megapixels`, width, height);
  return undefined;
}

const pngSignature = Buffer.from('89504e470d0a1a0a', 'hex');

const formats: readonly { is(bytes: Buffer): boolean; inspect(bytes: Buffer): UploadFault | undefined }[] = [
  { is: isJpeg, inspect: (bytes) => (jpegEnd(bytes) === undefined ? damaged('it is cut short') : undefined) },
  { is: (bytes) => bytes.subarray(0, 8).equals(pngSignature), inspect: inspectPng },
  {
    is: (bytes) =>
      bytes.length >= 12 && bytes.toString('latin1', 0, 4) === 'RIFF' && bytes.toString('latin1', 8, 12) === 'WEBP',
    inspect: inspectWebp,
  },
  { is: (bytes) => bytes.length >= 2 && bytes.toString('latin1', 0, 2) === 'BM', inspect: inspectBmp },
];

/** From chunk to chunk (PNG, section 5.3) up to the last one. */
function inspectPng(bytes: Buffer): UploadFault | undefined {
  let hasData = false;
  for (let at = pngSignature.length; at + 12 <= bytes.length; ) {
    const type = bytes.toString('latin1', at + 4, at + 8);
    if (at === pngSignature.length && type !== 'IHDR') return damaged('it does not begin with a header');
    if (type === 'acTL') return animated;
    hasData ||= type === 'IDAT';
    if (type === 'IEND') return hasData ? undefined : damaged('it holds no pixels');
    at += 12 + bytes.readUInt32BE(at);
  }
  return damaged('it is cut short');
}

/** RFC 9649, sections 2.4 to 2.7. */
function inspectWebp(bytes: Buffer): UploadFault | undefined {
  if (bytes.length < 30 || bytes.readUInt32LE(4) + 8 > bytes.length) return damaged('it is cut short');
  const isExtended = bytes.toString('latin1', 12, 16) === 'VP8X';
  return isExtended && (bytes[20]! & 0x02) !== 0 ? animated : undefined;
}

/** Bitmaps without compression say where their pixels begin and how many there are. */
function inspectBmp(bytes: Buffer): UploadFault | undefined {
  if (bytes.length < 54) return damaged('it is cut short');
  const [offset, width, height] = [bytes.readUInt32LE(10), bytes.readInt32LE(18), bytes.readInt32LE(22)];
  const [bits, compression] = [bytes.readUInt16LE(28), bytes.readUInt32LE(30)];
  if (compression !== 0) return damaged('bitmaps must not be compressed');
  const rowBytes = Math.ceil((Math.abs(width) * bits) / 32) * 4;
  const isWhole = offset >= 54 && offset + rowBytes * Math.abs(height) <= bytes.length;
  return isWhole ? undefined : damaged('it is cut short');
}

function damaged(why: string): UploadFault {
  return { kind: 'damaged', detail: `The picture cannot be used: ${why}` };
}

const animated: UploadFault = { kind: 'type', detail: `${expected}, got an animation` };

function tooLarge(wanted: string, width: number, height: number): UploadFault {
  return { kind: 'size', detail: `Expected a picture of ${wanted}, got ${width}x${height}` };
}

/** What it seems to be instead, for the message. */
function nameOf(bytes: Buffer): string {
  if (bytes.length === 0) return 'nothing';
  if (bytes.length >= 2 && bytes.readUInt16BE(0) === 0x1f8b) return 'a gzip file';
  const start = bytes.toString('latin1', 0, 512);
  const known: readonly [RegExp, string][] = [
    [/^GIF8/, 'a GIF'],
    [/<svg[\s>]/i, 'an SVG'],
    [/^\s*<(!doctype html|html|script)/i, 'HTML'],
    [/^%PDF/, 'a PDF'],
    [/^(II\*\0|MM\0\*)/, 'a TIFF'],
    [/^....ftyp(heic|heix|mif1|msf1)/s, 'a HEIC picture'],
    [/^....ftypavif/s, 'an AVIF picture'],
    [/^....ftyp/s, 'a video'],
    [/^PK/, 'a zip file'],
  ];
  const name = known.find(([pattern]) => pattern.test(start))?.[1];
  return name ?? (/^[\t\n\r\x20-\x7e\x80-\xff]+$/.test(start) ? 'text' : 'something else');
}
