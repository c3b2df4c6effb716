import { cv, type Mat } from '../core/opencv.ts';

/**
 * How pixels have to be turned to stand upright: first mirrored (left and right change places) where that is so, then turned
 * clockwise. These are all eight ways in which a rectangle can lie on itself.
 */
export interface Orientation {
  readonly mirrored: boolean;
  /** Clockwise. */
  readonly quarterTurns: 0 | 1 | 2 | 3;
}

export const upright: Orientation = { mirrored: false, quarterTurns: 0 };

/** The values of EXIF's tag Orientation, 1 to 8 (CIPA DC-008, 4.6.5.1), as what undoes them. */
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

/** Other values than 1 to 8 mean nothing, and turn nothing. */
export function orientationOfExif(value: number): Orientation {
  return exifOrientations[value - 1] ?? upright;
}

/** How somebody mounted a camera: `camera.rotate` in degrees clockwise, then `camera.flip` of the result. */
export interface Mounting {
  readonly rotate?: number;
  readonly flip?: 'none' | 'horizontal' | 'vertical';
}

export function orientationOf({ rotate = 0, flip = 'none' }: Mounting): Orientation {
  const turned: Orientation = { mirrored: false, quarterTurns: turns(rotate / 90) };
  if (flip === 'none') return turned;
  return compose(turned, { mirrored: true, quarterTurns: flip === 'horizontal' ? 0 : 2 });
}

/** First one, then the other. */
export function compose(first: Orientation, second: Orientation): Orientation {
  // A mirror turns what came before it the other way round.
  const before = second.mirrored ? -first.quarterTurns : first.quarterTurns;
  return {
    mirrored: first.mirrored !== second.mirrored,
    quarterTurns: turns(before + second.quarterTurns),
  };
}

export function isUpright({ mirrored, quarterTurns }: Orientation): boolean {
  return !mirrored && quarterTurns === 0;
}

/** Whether width and height change places. */
function isSideways({ quarterTurns }: Orientation): boolean {
  return quarterTurns % 2 === 1;
}

/** Width and height of a picture after it was turned. */
export function sizeAfter<Size extends { width: number; height: number }>(
  orientation: Orientation,
  { width, height }: Size,
): { width: number; height: number } {
  return isSideways(orientation) ? { width: height, height: width } : { width, height };
}

/** Takes the picture, and gives it, or a turned copy in its place. */
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

function turns(quarters: number): Orientation['quarterTurns'] {
  return ((((Math.round(quarters) % 4) + 4) % 4) as Orientation['quarterTurns']) || 0;
}
