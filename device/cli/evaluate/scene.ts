import type { CropRegion } from '../../classify/crop.ts';
import { cv, type Mat } from '../../core/opencv.ts';

export interface SceneOptions {
  /** Side of the face's picture in the frame, in pixels; at most half of the frame's height. */
  readonly faceHeight: number;
  /** By how much the head is tilted, in degrees, clockwise. */
  readonly tilt: number;
  readonly frame: { readonly width: number; readonly height: number };
}

/** A frame in which a face stands, and where exactly. */
export interface Scene {
  readonly frame: Mat;
  readonly place: CropRegion;
}

/**
 * Sets a face crop into the middle of a frame, as small or large as a camera would see it. Around it the crop goes on as its
 * own mirror image, out of focus: no edge that a detector or a larger crop could stumble over, and nothing that it could
 * take for a face.
 *
 * @param crop BGR, square; stays the caller's
 */
export function paintScene(crop: Mat, { faceHeight, tilt, frame }: SceneOptions): Scene {
  const face = resized(crop, faceHeight);
  const around = surroundings(crop, faceHeight);
  const left = Math.round((around.cols - faceHeight) / 2);
  const top = Math.round((around.rows - faceHeight) / 2);
  const hole = around.getRegion(new cv.Rect(left, top, faceHeight, faceHeight));
  face.copyTo(hole);
  const before = Math.floor((frame.width - around.cols) / 2);
  const above = Math.floor((frame.height - around.rows) / 2);
  const upright = around.copyMakeBorder(
    above,
    frame.height - around.rows - above,
    before,
    frame.width - around.cols - before,
    cv.BORDER_REPLICATE,
  );
  for (const mat of [face, hole, around]) mat.release();
  const center = { x: before + left + faceHeight / 2, y: above + top + faceHeight / 2 };
  return tilted(upright, { center, width: faceHeight, height: faceHeight, roll: 0 }, tilt);
}

/** Averaged when it shrinks, cubic when it grows: as soft as a camera's picture of something near. */
function resized(picture: Mat, side: number): Mat {
  return picture.resize(side, side, 0, 0, side < picture.rows ? cv.INTER_AREA : cv.INTER_CUBIC);
}

/** Twice as wide and high as the face will be. */
function surroundings(crop: Mat, faceHeight: number): Mat {
  const border = Math.floor(crop.rows / 2);
  const wide = crop.copyMakeBorder(border, border, border, border, cv.BORDER_REFLECT);
  const soft = wide.gaussianBlur(new cv.Size(0, 0), crop.rows / 5);
  const scaled = soft.resize(2 * faceHeight, 2 * faceHeight, 0, 0, cv.INTER_LINEAR);
  wide.release();
  soft.release();
  return scaled;
}

function tilted(frame: Mat, place: CropRegion, degrees: number): Scene {
  if (degrees === 0) return { frame, place };
  const roll = (degrees * Math.PI) / 180;
  const [cos, sin] = [Math.cos(roll), Math.sin(roll)];
  // From the tilted frame back to the upright one, around the middle of the face; pixels are counted by their centres.
  const [x, y] = [place.center.x - 0.5, place.center.y - 0.5];
  const back = new cv.Mat(
    [
      [cos, sin, x - cos * x - sin * y],
      [-sin, cos, y + sin * x - cos * y],
    ],
    cv.CV_64F,
  );
  const size = new cv.Size(frame.cols, frame.rows);
  const turned = frame.warpAffine(back, size, cv.INTER_CUBIC | cv.WARP_INVERSE_MAP, cv.BORDER_REPLICATE);
  frame.release();
  back.release();
  return { frame: turned, place: { ...place, roll } };
}
