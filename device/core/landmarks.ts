import type { Landmarks, Point } from './types.ts';

/** Each of the points moved in the same way. */
export function mapLandmarks(landmarks: Landmarks, move: (point: Point) => Point): Landmarks {
  const moved = Object.entries(landmarks).map(([name, point]) => [name, move(point)]);
  return Object.fromEntries(moved) as unknown as Landmarks;
}

/** The middle of the mouth: as detected, or halfway between the corners. */
export function mouthOf({ mouth, mouthLeft, mouthRight }: Landmarks): Point {
  return mouth ?? { x: (mouthLeft.x + mouthRight.x) / 2, y: (mouthLeft.y + mouthRight.y) / 2 };
}
