import { readFileSync, statSync } from 'node:fs';
import { describeError, exitCode, MienError } from '../core/errors.ts';
import { cv, type Mat } from '../core/opencv.ts';
import { decodeBytes } from './decode.ts';
import { pictureOrientation } from './exif.ts';
import { inspectPicture } from './inspect.ts';
import { isJpeg } from './jpeg-segments.ts';
import { orient } from './orientation.ts';
import { wholeJpeg } from './whole-jpeg.ts';

/** Largest file that is read, in bytes. */
const maxBytes = 50_000_000;

export { pictureSize } from './picture-size.ts';
export { imageFilePattern } from './source-spec.ts';

/**
 * Reads one picture file as BGR. Checks the size in the header before decoding.
 *
 * @throws MienError (noInput) when the file is missing or unreadable, (badData) when it is not a picture, has under 2
 * pixels a side or exceeds the limits of inspect.ts.
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

/** Decodes one picture in memory, upright by its EXIF; `name` is for the error message. */
export function decodePicture(bytes: Buffer, name: string): Mat {
  const fault = inspectPicture(bytes);
  if (fault?.kind === 'type') throw notUsable(name, `expected JPEG, PNG, BMP, WebP, PGM or PPM, got ${fault.reason}`);
  if (fault) throw notUsable(name, fault.reason);
  const whole = isJpeg(bytes) ? wholeJpeg(bytes) : bytes;
  if (!whole) throw notUsable(name, 'it is cut short');
  const mat = decodeBytes(whole, cv.IMREAD_COLOR | cv.IMREAD_IGNORE_ORIENTATION);
  if (!mat) throw notUsable(name, 'its data are damaged');
  return orient(mat, pictureOrientation(bytes));
}

function notUsable(name: string, reason: string): MienError {
  return new MienError(`Picture ${name} cannot be used: ${reason}`, {
    code: exitCode.badData,
    remedy: 'Convert or resize it, for example to a JPEG of 1280x720',
  });
}
