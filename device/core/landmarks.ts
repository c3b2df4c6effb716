import type { Landmarks, Point } from './types.ts';

/** Each of the points moved in the same way. */
export function mapLandmarks(landmarks: Landmarks, move: (point: Point) => Point): Landmarks {
  return {
    eyeLeft: move(landmarks.eyeLeft),
    eyeRight: move(landmarks.eyeRight),
    nose: move(landmarks.nose),
    mouthLeft: move(landmarks.mouthLeft),
    mouthRight: move(landmarks.mouthRight),
  };
}
