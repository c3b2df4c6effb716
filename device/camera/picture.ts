import { readFileSync, statSync } from 'node:fs';
import { describeError, exitCode, MienError } from '../core/errors.ts';
import { cv, type Mat } from '../core/opencv.ts';
import { isJpeg, jpegEnd } from './jpeg-segments.ts';
import { pictureSize } from './picture-size.ts';

/** 40 megapixels: more than any camera here delivers, and 120 MB as BGR. */
export const maxPixels = 40_000_000;

/** Largest file that is read at all. */
const maxBytes = 50_000_000;

export { imageFile } from './forms.ts';
export { pictureSize } from './picture-size.ts';

/**
 * Reads one picture file as BGR.
 *
 * @throws MienError (noInput) when it is not there or may not be read, (badData) when it is no picture, too small (under 2 pixels a side) or
 * too large; the size is read from the header before anything is decoded.
 */
export function readPicture(path: string): Mat {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat?.isFile()) {
    throw new MienError(`No such picture: ${path} (expected a .jpg or .png file)`, {
      code: exitCode.noInput,
      remedy: 'Check the path',
    });
  }
  if (stat.size > maxBytes)
    throw notUsable(path, `${(stat.size / 1e6).toFixed(0)} MB, expected at most ${maxBytes / 1e6} MB`);
  return decodePicture(readBytes(path), path);
}

function readBytes(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new MienError(`Picture ${path} cannot be read (${describeError(error)})`, {
      code: exitCode.noInput,
      remedy: 'Check that this user may read it',
      cause: error,
    });
  }
}

/** Decodes one picture in memory; `name` is for the error message. */
export function decodePicture(bytes: Buffer, name: string): Mat {
  const size = pictureSize(bytes);
  if (!size) throw notUsable(name, 'expected JPEG, PNG, BMP, WebP, PGM or PPM, got something else');
  if (size.width * size.height > maxPixels) {
    throw notUsable(name, `${size.width}x${size.height} pixels, expected at most ${maxPixels / 1e6} megapixels`);
  }
  if (size.width < 2 || size.height < 2)
    throw notUsable(name, `${size.width}x${size.height} pixels, expected at least 2x2`);
  const isCutShort = isJpeg(bytes) && jpegEnd(bytes) === undefined;
  const mat = isCutShort ? undefined : decodeBytes(bytes, cv.IMREAD_COLOR);
  if (!mat) throw notUsable(name, 'its data are damaged');
  return mat;
}

/** Undefined for what OpenCV cannot decode. @param flags OpenCV's IMREAD_... */
export function decodeBytes(bytes: Buffer, flags: number): Mat | undefined {
  try {
    return unlessEmpty(cv.imdecode(bytes, flags));
  } catch {
    return undefined;
  }
}

/** As `decodeBytes`, on a thread of the pool. The bytes must stay referenced until then: OpenCV has no hold on them. */
export async function decodeBytesBeside(bytes: Buffer, flags: number): Promise<Mat | undefined> {
  try {
    return unlessEmpty(await cv.imdecodeAsync(bytes, flags));
  } catch {
    return undefined;
  }
}

/** OpenCV throws for some damaged files and gives an empty Mat for others; both mean the same to the caller. */
function unlessEmpty(mat: Mat): Mat | undefined {
  return mat.empty ? undefined : mat;
}

function notUsable(name: string, why: string): MienError {
  return new MienError(`Picture ${name} cannot be used: ${why}`, {
    code: exitCode.badData,
    remedy: 'Convert or resize it, for example to a JPEG of 1280x720',
  });
}
