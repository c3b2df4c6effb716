import { cv, type Mat } from '../core/opencv.ts';

/** Undefined for what OpenCV cannot decode. @param flags OpenCV's IMREAD_... */
export function decodeBytes(bytes: Buffer, flags: number): Mat | undefined {
  try {
    return undefinedIfEmpty(cv.imdecode(bytes, flags));
  } catch {
    return undefined;
  }
}

/** As `decodeBytes`, on a thread of the pool. The bytes must stay referenced until then: OpenCV has no hold on them. */
export async function decodeBytesOffThread(bytes: Buffer, flags: number): Promise<Mat | undefined> {
  try {
    return undefinedIfEmpty(await cv.imdecodeAsync(bytes, flags));
  } catch {
    return undefined;
  }
}

/** OpenCV throws for some damaged files and gives an empty Mat for others; both mean the same to the caller. */
function undefinedIfEmpty(mat: Mat): Mat | undefined {
  return mat.empty ? undefined : mat;
}
