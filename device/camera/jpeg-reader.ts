import { setImmediate as yieldToEventLoop } from 'node:timers/promises';
import { type Clock, systemClock } from '../core/clock.ts';
import { exitCode, MienError } from '../core/errors.ts';
import { cv, type Mat, type VideoCapture } from '../core/opencv.ts';
import { decodeBytes, decodeBytesOffThread } from './decode.ts';
import { pictureOrientation } from './exif.ts';
import { maxPixels } from './inspect.ts';
import { huffmanTables, jpegSegments, jpegSize } from './jpeg-segments.ts';
import { compose, isUpright, type Orientation, orient, sizeAfter, upright } from './orientation.ts';
import type { Frame, JpegPicture, ReadOptions, Reduction } from './source.ts';
import { wholeJpeg } from './whole-jpeg.ts';

/** Consecutive damaged pictures that count as a camera fault. Single ones are normal, above all the first picture. */
const maxDamaged = 30;

/** FourCC of Motion JPEG in V4L2 and most containers. */
export const motionJpeg = cv.VideoWriter.fourcc('MJPG');

/** FourCC of Motion JPEG where the stream has no code for it (HTTP, RTSP): FFmpeg's codec name, cut to four letters. */
const mjpeg = cv.VideoWriter.fourcc('mjpe');

/**
 * Requests the undecoded packets of a Motion JPEG stream from FFmpeg; false for any other stream. Call it before the
 * first read.
 */
export function requestPackets(capture: VideoCapture): boolean {
  const isSuited = [motionJpeg, mjpeg].includes(capture.get(cv.CAP_PROP_FOURCC));
  return isSuited && Boolean(capture.set(cv.CAP_PROP_FORMAT, -1));
}

/** Requests the undecoded pictures of a Motion JPEG camera from V4L2; false for a camera that sends another format. */
export function requestBuffers(capture: VideoCapture): boolean {
  return capture.get(cv.CAP_PROP_FOURCC) === motionJpeg && Boolean(capture.set(cv.CAP_PROP_CONVERT_RGB, 0));
}

export type Picture = Pick<Frame, 'mat' | 'jpeg'>;

/**
 * Makes a picture from a Mat of the capture, which it releases or keeps in the picture; undefined where the picture is
 * damaged.
 */
export type OpenPicture = (given: Mat, readOptions?: ReadOptions) => Picture | undefined | Promise<Picture | undefined>;

/** For captures that decode the pictures. @param orientation how these pictures must be turned */
export function decodedOpener(orientation: Orientation): OpenPicture {
  return (mat) => ({ mat: orient(mat, orientation) });
}

/** For captures that return Motion JPEG as one row of bytes; see `openJpeg`. */
export function jpegOpener(targetWidth: (width: number) => number, mounting = upright): OpenPicture {
  return (row, { isThumbnail, isPrefetch } = {}) => {
    const bytes = row.getData();
    row.release();
    return (isPrefetch ? openJpegOffThread : openJpeg)(bytes, targetWidth, { isThumbnail, mounting });
  };
}

/**
 * The next wanted and undamaged picture, with the other fields of its raw frame; undefined at the end of the source.
 *
 * @throws MienError (badData) after `maxDamaged` damaged pictures in a row.
 */
export async function nextIntact<Given extends { readonly mat: Mat }>(
  next: () => Promise<Given | undefined>,
  open: OpenPicture,
  options: ReadOptions = {},
  clock: Pick<Clock, 'mono'> = systemClock,
): Promise<(Given & Picture & Pick<Frame, 'mono'>) | undefined> {
  const { isWanted = () => true } = options;
  let damaged = 0;
  while (damaged < maxDamaged) {
    const given = await next();
    if (!given) return undefined;
    // The picture after a damaged one is always read: waiting until the next one is due may take ten seconds
    // (camera.fps 0.1).
    if (damaged === 0 && !isWanted()) {
      given.mat.release();
      // Reading from a camera may block the thread. This yields, so that messages are handled between two reads.
      await yieldToEventLoop();
      continue;
    }
    const mono = clock.mono();
    const picture = await open(given.mat, options);
    if (picture) return { ...given, ...picture, mono };
    damaged += 1;
  }
  throw new MienError(`${maxDamaged} damaged pictures in a row (expected whole JPEGs)`, {
    code: exitCode.badData,
    remedy: "Check the camera's cable and power, or ask for fewer or smaller pictures (camera.fps, camera.width)",
  });
}

/** Minimum width for change detection (detect/scene.ts), in pixels. */
const thumbnailWidth = 64;

export interface JpegReadOptions {
  /** Decodes to an even smaller size where possible, then in grey: a third of the time. */
  readonly isThumbnail?: boolean;
  /** How the camera is mounted; applied after the orientation of the JPEG's own EXIF. */
  readonly mounting?: Orientation;
}

/**
 * A JPEG that can be sent to viewers, and a Mat of it: upright, decoded at the smallest size that is at least
 * `targetWidth` wide. Undefined for a JPEG that is damaged, cut short or larger than `maxPixels`.
 */
export function openJpeg(
  sent: Buffer,
  targetWidth: (width: number) => number,
  options: JpegReadOptions = {},
): Required<Picture> | undefined {
  const found = findJpeg(sent, targetWidth, options);
  const mat = found && decodeBytes(found.jpeg.bytes, found.flags);
  return mat && { mat: orient(mat, found.orientation), jpeg: found.jpeg };
}

/** Like `openJpeg`, decoded on another thread. */
export async function openJpegOffThread(
  sent: Buffer,
  targetWidth: (width: number) => number,
  options: JpegReadOptions = {},
): Promise<Required<Picture> | undefined> {
  const found = findJpeg(sent, targetWidth, options);
  const mat = found && (await decodeBytesOffThread(found.jpeg.bytes, found.flags));
  return mat && { mat: orient(mat, found.orientation), jpeg: found.jpeg };
}

interface FoundJpeg {
  readonly jpeg: JpegPicture;
  /** OpenCV's IMREAD_... */
  readonly flags: number;
  readonly orientation: Orientation;
}

/** The JPEG within the received bytes, and how to decode it; undefined where decoding cannot succeed. */
function findJpeg(
  sent: Buffer,
  targetWidth: (width: number) => number,
  { isThumbnail = false, mounting = upright }: JpegReadOptions,
): FoundJpeg | undefined {
  const bytes = withTables(wholeJpeg(sent));
  const stored = bytes && jpegSize(bytes);
  if (!stored || stored.width * stored.height > maxPixels) return undefined;
  const own = pictureOrientation(bytes);
  const orientation = compose(own, mounting);
  const size = sizeAfter(orientation, stored);
  const width = targetWidth(size.width);
  const targetScale = reductionTo(size, width);
  const scale = isThumbnail ? reductionTo(size, Math.min(thumbnailWidth, width)) : targetScale;
  const jpeg: JpegPicture = {
    bytes,
    // Viewers may or may not apply the EXIF orientation of these bytes.
    isTurned: !isUpright(own) || !isUpright(orientation),
    scale,
    targetScale,
    decode: (by, colour) => orient(decode(bytes, by, colour), orientation),
  };
  // A Mat at the target scale goes to face detection, which needs colour.
  return { jpeg, flags: flagsOf(scale, scale > targetScale ? 'grey' : 'bgr'), orientation };
}

/**
 * Adds Huffman tables where they are missing. Cameras omit them because Motion JPEG has fixed ones (ITU-T T.81, annex
 * K.3), but not every JPEG viewer knows those.
 */
function withTables(bytes: Buffer | undefined): Buffer | undefined {
  const hasTables = bytes && [...jpegSegments(bytes)].some(({ marker }) => marker === huffmanTables);
  return !bytes || hasTables ? bytes : Buffer.concat([bytes.subarray(0, 2), standardTables(), bytes.subarray(2)]);
}

let tables: Buffer | undefined;

/** The table segments of any picture that libjpeg wrote with its default tables. */
function standardTables(): Buffer {
  if (tables) return tables;
  const any = new cv.Mat(8, 8, cv.CV_8UC3);
  const jpeg = cv.imencode('.jpg', any);
  any.release();
  const found = [...jpegSegments(jpeg)].filter(({ marker }) => marker === huffmanTables);
  tables = Buffer.concat(found.map(({ at, end }) => jpeg.subarray(at, end)));
  return tables;
}

/**
 * The largest reduction that leaves `targetWidth` and divides both sides evenly, so that pixels of both sizes are
 * exactly one factor apart.
 */
function reductionTo({ width, height }: { width: number; height: number }, targetWidth: number): Reduction {
  const fits = (by: Reduction) => width % by === 0 && height % by === 0 && width / by >= targetWidth;
  return ([8, 4, 2] as const).find(fits) ?? 1;
}

function decode(bytes: Buffer, by: Reduction, colour: 'grey' | 'bgr'): Mat {
  const mat = decodeBytes(bytes, flagsOf(by, colour));
  // It was decoded before, so this is a program error, not a damaged picture.
  if (!mat)
    throw new Error(`a JPEG of ${bytes.length} bytes could be decoded once, but not ${by} times smaller in ${colour}`);
  return mat;
}

const flags = {
  grey: {
    1: cv.IMREAD_GRAYSCALE,
    2: cv.IMREAD_REDUCED_GRAYSCALE_2,
    4: cv.IMREAD_REDUCED_GRAYSCALE_4,
    8: cv.IMREAD_REDUCED_GRAYSCALE_8,
  },
  bgr: {
    1: cv.IMREAD_COLOR,
    2: cv.IMREAD_REDUCED_COLOR_2,
    4: cv.IMREAD_REDUCED_COLOR_4,
    8: cv.IMREAD_REDUCED_COLOR_8,
  },
} as const;

/** OpenCV must not apply the EXIF orientation: sizes here are those of the header. */
function flagsOf(by: Reduction, colour: 'grey' | 'bgr'): number {
  return flags[colour][by] | cv.IMREAD_IGNORE_ORIENTATION;
}
