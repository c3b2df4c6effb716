import { cv, type Mat } from '../core/opencv.ts';

/** Undefined where OpenCV cannot decode the bytes. @param flags OpenCV's IMREAD_... */
export function decodeBytes(bytes: Buffer, flags: number): Mat | undefined {
  try {
    return undefinedIfEmpty(cv.imdecode(bytes, flags));
  } catch {
    return undefined;
  }
}

/**
 * Like `decodeBytes`, on a thread of the pool. The caller must keep a reference to the bytes until then: OpenCV does
 * not hold one.
 */
export async function decodeBytesOffThread(bytes: Buffer, flags: number): Promise<Mat | undefined> {
  try {
    return undefinedIfEmpty(await cv.imdecodeAsync(bytes, flags));
  } catch {
    return undefined;
  }
}

/** OpenCV throws for some damaged files and returns an empty Mat for others. The caller treats both alike. */
function undefinedIfEmpty(mat: Mat): Mat | undefined {
  return mat.empty ? undefined : mat;
}
