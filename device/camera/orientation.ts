import { cv, type Mat } from '../core/opencv.ts';

/**
 * How pixels must be turned to stand upright: first mirrored (left and right swapped) if set, then rotated clockwise.
 * These are all eight orientations of a rectangle.
 */
export interface Orientation {
  readonly mirrored: boolean;
  /** Clockwise. */
  readonly quarterTurns: 0 | 1 | 2 | 3;
}

export const upright: Orientation = { mirrored: false, quarterTurns: 0 };

/** Inverse transformations of the EXIF Orientation values 1 to 8 (CIPA DC-008, 4.6.5.1). */
const exifOrientations: readonly Orientation[] = [
  upright,
  { mirrored: true, quarterTurns: 0 },
  { mirrored: false, quarterTurns: 2 },
  { mirrored: true, quarterTurns: 2 },
  { mirrored: true, quarterTurns: 3 },
  { mirrored: false, quarterTurns: 1 },
  { mirrored: true, quarterTurns: 1 },
  { mirrored: false, quarterTurns: 3 },
];

/** Values other than 1 to 8 are undefined and count as upright. */
export function orientationOfExif(value: number): Orientation {
  return exifOrientations[value - 1] ?? upright;
}

/** How the camera is mounted: `camera.rotate` in degrees clockwise, then `camera.flip`. */
export interface Mounting {
  readonly rotate?: number;
  readonly flip?: 'none' | 'horizontal' | 'vertical';
}

export function orientationOf({ rotate = 0, flip = 'none' }: Mounting): Orientation {
  const turned: Orientation = { mirrored: false, quarterTurns: toQuarterTurns(rotate / 90) };
  if (flip === 'none') return turned;
  return compose(turned, { mirrored: true, quarterTurns: flip === 'horizontal' ? 0 : 2 });
}

/** The orientation that applies `first` and then `second`. */
export function compose(first: Orientation, second: Orientation): Orientation {
  // A mirror reverses the direction of the rotation before it.
  const before = second.mirrored ? -first.quarterTurns : first.quarterTurns;
  return {
    mirrored: first.mirrored !== second.mirrored,
    quarterTurns: toQuarterTurns(before + second.quarterTurns),
  };
}

export function isUpright({ mirrored, quarterTurns }: Orientation): boolean {
  return !mirrored && quarterTurns === 0;
}

/** Whether width and height are swapped. */
function isSideways({ quarterTurns }: Orientation): boolean {
  return quarterTurns % 2 === 1;
}

/** Width and height of a picture after turning. */
export function sizeAfter<Size extends { width: number; height: number }>(
  orientation: Orientation,
  { width, height }: Size,
): { width: number; height: number } {
  return isSideways(orientation) ? { width: height, height: width } : { width, height };
}

/** Takes ownership of the Mat. Returns it, or a turned copy and releases it. */
export function orient(mat: Mat, { mirrored, quarterTurns }: Orientation): Mat {
  const flipped = mirrored ? replace(mat, mat.flip(1)) : mat;
  if (quarterTurns === 0) return flipped;
  const code = [cv.ROTATE_90_CLOCKWISE, cv.ROTATE_180, cv.ROTATE_90_COUNTERCLOCKWISE][quarterTurns - 1]!;
  return replace(flipped, flipped.rotate(code));
}

function replace(old: Mat, made: Mat): Mat {
  old.release();
  return made;
}

function toQuarterTurns(quarters: number): Orientation['quarterTurns'] {
  return ((((Math.round(quarters) % 4) + 4) % 4) as Orientation['quarterTurns']) || 0;
}
