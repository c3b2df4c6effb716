import { setImmediate as yieldToEventLoop } from 'node:timers/promises';
import { exitCode, MienError } from '../core/errors.ts';
import { cv, type Mat, type VideoCapture } from '../core/opencv.ts';
import { decodeBytes, decodeBytesOffThread } from './decode.ts';
import { pictureOrientation } from './exif.ts';
import { maxPixels } from './inspect.ts';
import { huffmanTables, jpegSegments, jpegSize } from './jpeg-segments.ts';
import { compose, isUpright, type Orientation, orient, sizeAfter, upright } from './orientation.ts';
import type { Frame, JpegPicture, ReadOptions, Reduction } from './source.ts';
import { wholeJpeg } from './whole-jpeg.ts';

/** Cameras send a damaged picture now and then, above all the first; this many in a row are no accident. */
const maxDamaged = 30;

/** Motion JPEG, as V4L2 and most containers call it. */
export const motionJpeg = cv.VideoWriter.fourcc('MJPG');

/** The same, as OpenCV calls it where the stream has no code for it (HTTP, RTSP): FFmpeg's name of the codec, cut off. */
const mjpeg = cv.VideoWriter.fourcc('mjpe');

/** Asks FFmpeg for the packets of a Motion JPEG stream as they are; false for any other stream. Before the first is read. */
export function requestPackets(capture: VideoCapture): boolean {
  const isSuited = [motionJpeg, mjpeg].includes(capture.get(cv.CAP_PROP_FOURCC));
  return isSuited && Boolean(capture.set(cv.CAP_PROP_FORMAT, -1));
}

/** Asks V4L2 for the pictures of a Motion JPEG camera as they are; false for a camera that sends anything else. */
export function requestBuffers(capture: VideoCapture): boolean {
  return capture.get(cv.CAP_PROP_FOURCC) === motionJpeg && Boolean(capture.set(cv.CAP_PROP_CONVERT_RGB, 0));
}

export type Picture = Pick<Frame, 'mat' | 'jpeg'>;

/** Makes a picture of what a capture gave, which is released or part of the picture; undefined where it is damaged. */
export type OpenPicture = (given: Mat, readOptions?: ReadOptions) => Picture | undefined | Promise<Picture | undefined>;

/** For captures that decode by themselves. @param orientation how their pictures must be turned */
export function decodedOpener(orientation: Orientation): OpenPicture {
  return (mat) => ({ mat: orient(mat, orientation) });
}

/** For captures that give Motion JPEG as one row of bytes; see `openJpeg`. */
export function jpegOpener(targetWidth: (width: number) => number, mounting = upright): OpenPicture {
  return (row, { isThumbnail, isPrefetch } = {}) => {
    const bytes = row.getData();
    row.release();
    return (isPrefetch ? openJpegOffThread : openJpeg)(bytes, targetWidth, { isThumbnail, mounting });
  };
}

/**
 * The next picture that is wanted and not damaged, with what else came with it; undefined when there are no more.
 *
 * @throws MienError (badData) when many in a row are damaged.
 */
export async function nextIntact<Given extends { readonly mat: Mat }>(
  next: () => Promise<Given | undefined>,
  open: OpenPicture,
  options: ReadOptions = {},
): Promise<(Given & Picture & Pick<Frame, 'mono'>) | undefined> {
  const { isWanted = () => true } = options;
  let damaged = 0;
  while (damaged < maxDamaged) {
    const given = await next();
    if (!given) return undefined;
    // After a damaged one the next is wanted too: to wait until one is due again may take ten seconds (camera.fps 0.1).
    if (damaged === 0 && !isWanted()) {
      given.mat.release();
      // Waiting for a camera may hold the thread; this lets in whoever has something to say in between.
      await yieldToEventLoop();
      continue;
    }
    const mono = performance.now();
    const picture = await open(given.mat, options);
    if (picture) return { ...given, ...picture, mono };
    damaged += 1;
  }
  throw new MienError(`${maxDamaged} damaged pictures in a row (expected whole JPEGs)`, {
    code: exitCode.badData,
    remedy: "Check the camera's cable and power, or ask for fewer or smaller pictures (camera.fps, camera.width)",
  });
}

/** Least width in which it shows whether something has changed (detect/scene.ts). */
const thumbnailWidth = 64;

export interface JpegReadOptions {
  /** It is decoded still smaller where that can be, then in grey: a third of the time. */
  readonly isThumbnail?: boolean | undefined;
  /** How the camera is mounted; turned by after what the JPEG's own EXIF says. */
  readonly mounting?: Orientation;
}

/**
 * A JPEG as viewers can be sent it, decoded upright at the least size that is still `targetWidth` wide; undefined for one that
 * is damaged, cut short or absurdly large.
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

/** As `openJpeg`, decoded on another thread. */
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

/** Where the JPEG lies in what was sent, and how to decode it; undefined where that can be seen not to succeed. */
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
    // Whoever shows the bytes may or may not turn them by what they say.
    isTurned: !isUpright(own) || !isUpright(orientation),
    scale,
    targetScale,
    decode: (by, colour) => orient(decode(bytes, by, colour), orientation),
  };
  // One that is enough will be looked at as it is, for faces too.
  return { jpeg, flags: flagsOf(scale, scale > targetScale ? 'grey' : 'bgr'), orientation };
}

/**
 * With Huffman tables: cameras leave them out, because Motion JPEG has fixed ones (those of ITU-T T.81, annex K.3), but not
 * everything that shows a JPEG knows them.
 */
function withTables(bytes: Buffer | undefined): Buffer | undefined {
  const hasTables = bytes && [...jpegSegments(bytes)].some(({ marker }) => marker === huffmanTables);
  return !bytes || hasTables ? bytes : Buffer.concat([bytes.subarray(0, 2), standardTables(), bytes.subarray(2)]);
}

let tables: Buffer | undefined;

/** Those segments of any picture that libjpeg wrote without being asked to make tables of its own. */
function standardTables(): Buffer {
  if (tables) return tables;
  const any = new cv.Mat(8, 8, cv.CV_8UC3);
  const jpeg = cv.imencode('.jpg', any);
  any.release();
  const found = [...jpegSegments(jpeg)].filter(({ marker }) => marker === huffmanTables);
  tables = Buffer.concat(found.map(({ at, end }) => jpeg.subarray(at, end)));
  return tables;
}

/** The largest reduction that leaves enough and comes out even, so that pixels of both are one exact factor apart. */
function reductionTo({ width, height }: { width: number; height: number }, targetWidth: number): Reduction {
  const fits = (by: Reduction) => width % by === 0 && height % by === 0 && width / by >= targetWidth;
  return ([8, 4, 2] as const).find(fits) ?? 1;
}

function decode(bytes: Buffer, by: Reduction, colour: 'grey' | 'bgr'): Mat {
  const mat = decodeBytes(bytes, flagsOf(by, colour));
  // It was decoded once before, so this is no fault of the picture.
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

/** Sizes are those of the header: a turned picture would not fit them. */
function flagsOf(by: Reduction, colour: 'grey' | 'bgr'): number {
  return flags[colour][by] | cv.IMREAD_IGNORE_ORIENTATION;
}
