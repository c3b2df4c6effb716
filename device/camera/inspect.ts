import { isJpeg } from './jpeg-segments.ts';
import { isWebp, pngChunks, pngSignature } from './picture-chunks.ts';
import { pictureSize, type Size } from './picture-size.ts';

/**
 * Why a picture is refused. `type`: unsupported format; `size`: too few or too many pixels; `damaged`: incomplete or
 * broken.
 */
export interface PictureFault {
  readonly kind: 'type' | 'size' | 'damaged';
  /** The content found instead of a picture (`a PDF`), or the defect (`it is cut short`). */
  readonly reason: string;
}

/** 40 megapixels: more than any camera here delivers, and 120 MB as BGR. */
export const maxPixels = 40_000_000;
/** Longest side in pixels; no camera delivers more. */
const maxSide = 16_384;
/** Shortest side in pixels; OpenCV cannot scale smaller pictures. */
const minSide = 2;

/**
 * The single check for pictures from every source: format, declared size, completeness, and that the file holds one
 * picture only. Reads the bytes without decoding, so it needs no memory whatever size the picture claims. Whether a
 * JPEG without an end marker is complete shows only when it is decoded (whole-jpeg.ts).
 *
 * @returns undefined for a picture that may be decoded
 */
export function inspectPicture(bytes: Buffer): PictureFault | undefined {
  const format = formatOf(bytes);
  if (!format) return { kind: 'type', reason: describeContent(bytes) };
  const size = pictureSize(bytes);
  return (
    (size && checkSize(size)) ?? format.inspect?.(bytes) ?? (size ? undefined : damaged('its header says no size'))
  );
}

/** The part of `inspectPicture` that needs the first bytes only. */
export function inspectPictureType(bytes: Buffer): PictureFault | undefined {
  return formatOf(bytes) ? undefined : { kind: 'type', reason: describeContent(bytes) };
}

function formatOf(bytes: Buffer): (typeof formats)[number] | undefined {
  return formats.find(({ is }) => is(bytes));
}

function checkSize(size: Size): PictureFault | undefined {
  const { width, height } = size;
  if (width < minSide || height < minSide) return wrongSize(size, `at least ${minSide}x${minSide}`);
  if (width > maxSide || height > maxSide) return wrongSize(size, `at most ${maxSide} a side`);
  if (width * height > maxPixels) return wrongSize(size, `at most ${maxPixels / 1e6} megapixels`);
  return undefined;
}

/** PGM and PPM: local test pictures; not accepted as uploads. */
export function isPortableMap(bytes: Buffer): boolean {
  return /^P[2356]\s/.test(bytes.toString('latin1', 0, 3));
}

const formats: readonly { is(bytes: Buffer): boolean; inspect?(bytes: Buffer): PictureFault | undefined }[] = [
  { is: isJpeg },
  { is: (bytes) => bytes.subarray(0, 8).equals(pngSignature), inspect: inspectPng },
  { is: isWebp, inspect: inspectWebp },
  { is: (bytes) => bytes.length >= 2 && bytes.toString('latin1', 0, 2) === 'BM', inspect: inspectBmp },
  { is: isPortableMap },
];

/** Walks the chunks up to the last one. */
function inspectPng(bytes: Buffer): PictureFault | undefined {
  let isFirst = true;
  let hasData = false;
  for (const { type } of pngChunks(bytes)) {
    if (isFirst && type !== 'IHDR') return damaged('it does not begin with a header');
    if (type === 'acTL') return animated;
    isFirst = false;
    hasData ||= type === 'IDAT';
    if (type === 'IEND') return hasData ? undefined : damaged('it holds no pixels');
  }
  return damaged('it is cut short');
}

/** RFC 9649, sections 2.4 to 2.7. */
function inspectWebp(bytes: Buffer): PictureFault | undefined {
  if (bytes.length < 30 || bytes.readUInt32LE(4) + 8 > bytes.length) return damaged('it is cut short');
  const isExtended = bytes.toString('latin1', 12, 16) === 'VP8X';
  return isExtended && (bytes[20]! & 0x02) !== 0 ? animated : undefined;
}

/** Accepted bits per pixel of each compression: none, run lengths (8 and 4 bits), bit fields. */
const bmpPackings: Readonly<Record<number, readonly number[]>> = {
  0: [1, 4, 8, 16, 24, 32],
  1: [8],
  2: [4],
  3: [16, 32],
};

/** The header of a bitmap without run lengths gives the offset and the number of its pixels. */
function inspectBmp(bytes: Buffer): PictureFault | undefined {
  if (bytes.length < 54) return damaged('it is cut short');
  const [offset, width, height] = [bytes.readUInt32LE(10), bytes.readInt32LE(18), bytes.readInt32LE(22)];
  const [bits, packing] = [bytes.readUInt16LE(28), bytes.readUInt32LE(30)];
  if (bytes.readUInt32LE(14) < 40) return damaged('it has a header of OS/2');
  if (!bmpPackings[packing]?.includes(bits))
    return damaged(`bitmaps must not be packed as ${packing} with ${bits} bits`);
  const hasRunLengths = packing === 1 || packing === 2;
  const rowBytes = hasRunLengths ? 0 : Math.ceil((Math.abs(width) * bits) / 32) * 4;
  const isWhole = offset >= 54 && offset <= bytes.length && offset + rowBytes * Math.abs(height) <= bytes.length;
  return isWhole ? undefined : damaged('it is cut short');
}

function damaged(reason: string): PictureFault {
  return { kind: 'damaged', reason };
}

const animated: PictureFault = { kind: 'type', reason: 'an animation' };

function wrongSize({ width, height }: Size, wanted: string): PictureFault {
  return { kind: 'size', reason: `${width}x${height} pixels, expected ${wanted}` };
}

/** Name of the content for the message. */
function describeContent(bytes: Buffer): string {
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
