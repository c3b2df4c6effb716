import { mouthOf } from '../core/landmarks.ts';
import type { Detection, Landmarks, Point } from '../core/types.ts';

/*
 * Limits for YuNet's landmarks, as shares of the box's height. In brackets: the range over the 1,059 detections of 0.7
 * and more on faces in recordings of fourteen people, 15 to 145 px high, walking, talking and turning their heads.
 * BlazeFace's boxes are mapped to YuNet's, and its landmarks are within the same limits (562 detections of 0.7 and
 * more: face length 0.30 to 0.38, eyes 0.16 to 0.37, nose 0.34 to 0.59 of the distance).
 */

/** From the middle of the eyes to the middle of the mouth [0.29 to 0.42]. */
const faceLength = { min: 0.2, max: 0.55 };
/**
 * Between the eyes [0.18 to 0.47; 0.35 from the front]. A third of the frontal distance is a head turned by 70 degrees.
 * Its expression cannot be read, and hands and the backs of heads look like such profiles (measured 0.01 to 0.09).
 */
const eyeDistance = { min: 0.12, max: 0.65 };
/** Position of the nose between eyes (0) and mouth (1) [0.38 to 0.66]. */
const noseAlong = { min: 0.15, max: 0.85 };
/** Maximum cosine of the angle between the eyes and the axis of the face [up to 0.12]. */
const maxSkew = 0.5;
/**
 * Minimum cosine between the axis of the face and the vertical: accepts a head tilted to the shoulder, not one upside
 * down.
 */
const minUprightCosine = 0.25;
/**
 * How far outside of the box a landmark may be, in shares of its sides [0.02; second boxes beside a face from 0.36].
 */
const maxOutside = 0.15;

/**
 * Whether the landmarks are arranged as in a face that roughly looks at the camera: eyes, nose and mouth in order and
 * proportion, and inside the box. A detection without landmarks (Haar) is accepted.
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

/** Whether the left corner of the mouth is on the side of the right eye. */
function isMouthMirrored({ mouthLeft, mouthRight }: Landmarks, down: Point): boolean {
  return mouthLeft !== undefined && cross(minus(mouthRight, mouthLeft), down) <= 0;
}

/** Whether the landmarks are inside the box, in any pose. The landmarks of the detector's weak second boxes are not. */
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
