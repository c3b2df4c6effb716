import { mouthOf } from '../core/landmarks.ts';
import type { Detection, Landmarks, Point } from '../core/types.ts';

/*
 * Limits around what YuNet finds on faces, as shares of the box's height. In brackets: the range over the 1,059 detections
 * of 0.7 and more on faces in recordings of fourteen people, 15 to 145 px high, walking, talking, turning their heads. BlazeFace's boxes
 * are drawn as YuNet's, and what it finds lies within the same limits (562 detections of 0.7 and more: face length 0.30 to 0.38,
 * eyes 0.16 to 0.37, nose 0.34 to 0.59 of the way).
 */

/** From the middle of the eyes to the middle of the mouth [0.29 to 0.42]. */
const faceLength = { min: 0.2, max: 0.55 };
/**
 * Between the eyes [0.18 to 0.47; 0.35 from the front]. A third of the frontal distance is a head turned by 70 degrees: no
 * expression can be read there, and hands and the backs of heads pass for such profiles (measured 0.01 to 0.09).
 */
const eyeDistance = { min: 0.12, max: 0.65 };
/** How far the nose lies on the way from the eyes to the mouth [0.38 to 0.66]. */
const noseAlong = { min: 0.15, max: 0.85 };
/** How far from a right angle the eyes lie to the length of the face, as a cosine [up to 0.12]. */
const maxSkew = 0.5;
/** Least cosine between the length of the face and the vertical: a head on the shoulder, not one that stands on its head. */
const minUprightCosine = 0.25;
/** How far outside of the box a landmark may lie, in shares of its sides [0.02; second boxes beside a face from 0.36]. */
const maxOutside = 0.15;

/**
 * Whether the landmarks lie as in a face that looks at the camera more or less: eyes, nose and mouth in their order and
 * proportions, and in the box. A detection without landmarks (Haar) gives nothing to object to.
 */
export function isPlausible({ box, landmarks }: Detection): boolean {
  if (!landmarks) return true;
  const { eyeLeft, eyeRight, nose } = landmarks;
  const eyes = between(eyeLeft, eyeRight);
  const down = minus(mouthOf(landmarks), eyes);
  const across = minus(eyeRight, eyeLeft);
  const length = Math.hypot(down.x, down.y);
  const distance = Math.hypot(across.x, across.y);
  return (
    isWithin(length / box.height, faceLength) &&
    isWithin(distance / box.height, eyeDistance) &&
    isWithin(dot(minus(nose, eyes), down) / length ** 2, noseAlong) &&
    Math.abs(dot(across, down)) <= maxSkew * distance * length &&
    down.y >= minUprightCosine * length &&
    cross(across, down) > 0 &&
    !isMouthMirrored(landmarks, down) &&
    containsLandmarks({ box, landmarks })
  );
}

/** Whether the left corner of the mouth lies on the side of the right eye. */
function isMouthMirrored({ mouthLeft, mouthRight }: Landmarks, down: Point): boolean {
  return mouthLeft !== undefined && cross(minus(mouthRight, mouthLeft), down) <= 0;
}

/** Whether the landmarks lie in the box, whichever way the face looks. The detector's weak second boxes miss theirs. */
export function containsLandmarks({ box, landmarks }: Pick<Detection, 'box' | 'landmarks'>): boolean {
  const range = { min: -maxOutside, max: 1 + maxOutside };
  if (!landmarks) return true;
  return Object.values(landmarks).every(
    ({ x, y }: Point) => isWithin((x - box.x) / box.width, range) && isWithin((y - box.y) / box.height, range),
  );
}

const isWithin = (value: number, { min, max }: { min: number; max: number }) => value >= min && value <= max;
const minus = (a: Point, b: Point): Point => ({ x: a.x - b.x, y: a.y - b.y });
const between = (a: Point, b: Point): Point => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
const dot = (a: Point, b: Point) => a.x * b.x + a.y * b.y;
const cross = (a: Point, b: Point) => a.x * b.y - a.y * b.x;
