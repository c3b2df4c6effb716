import type { ModelCard } from '../core/model-card.ts';
import { cv, type Mat } from '../core/opencv.ts';
import type { Box, Point } from '../core/types.ts';

type BoxCrop = ModelCard['crop']['box']['yunet'];

/** The region of the frame that is the classifier's input; may be rotated and extend beyond the frame's edge. */
export interface CropRegion {
  /** In pixels of the frame, as are the sides. */
  readonly center: Point;
  readonly width: number;
  readonly height: number;
  /** Rotation of its upper edge in radians, from x towards y. */
  readonly roll: number;
}

/** The upright square of a face box that the classifier was trained on. */
export function cropSquare(box: Box, { scale, dx, dy }: BoxCrop): CropRegion {
  const side = scale * box.height;
  const center = { x: box.x + box.width / 2 + dx * box.height, y: box.y + box.height / 2 + dy * box.height };
  return { center, width: side, height: side, roll: 0 };
}

export function wholePicture({ cols, rows }: Mat): CropRegion {
  return { center: { x: cols / 2, y: rows / 2 }, width: cols, height: rows, roll: 0 };
}

/**
 * Writes one crop in the classifier's format: grey, scaled to the card's input. Enlarging is cubic: 4 points of
 * accuracy more than bilinear on faces of 24 px, 2 on 32 px. Reducing uses all pixels of the frame, so that no detail
 * aliases: it samples at the frame's own pitch or finer, then averages.
 *
 * @param region pixels outside of the frame repeat its edge
 * @param into receives width x height bytes
 * @param isMirrored swaps left and right
 */
export function cutCrop(
  frame: Mat,
  region: CropRegion,
  { width, height }: ModelCard['input'],
  into: Uint8Array,
  isMirrored = false,
): void {
  const samples = Math.max(1, Math.ceil(Math.max(region.width / width, region.height / height) - 0.01));
  const size = new cv.Size(width * samples, height * samples);
  const { grey, origin } = greyAround(frame, region);
  const toRegion = new cv.Mat(affineTo(origin, region, size, isMirrored), cv.CV_64F);
  const interpolation = samples === 1 ? cv.INTER_CUBIC : cv.INTER_LINEAR;
  const fine = grey.warpAffine(toRegion, size, interpolation | cv.WARP_INVERSE_MAP, cv.BORDER_REPLICATE);
  const crop = samples === 1 ? fine : fine.resize(height, width, 0, 0, cv.INTER_AREA);
  into.set(crop.getData());
  for (const mat of new Set([grey, toRegion, fine, crop])) mat.release();
}

/** 2 x 3 matrix from pixels of a crop of this size to pixels of the frame's region that begins at `origin`. */
function affineTo(
  origin: Point,
  { center, roll, ...size }: CropRegion,
  { width, height }: { readonly width: number; readonly height: number },
  isMirrored: boolean,
): number[][] {
  const across = ((isMirrored ? -1 : 1) * size.width) / width;
  const down = size.height / height;
  const [cos, sin] = [Math.cos(roll), Math.sin(roll)];
  const [xx, xy, yx, yy] = [across * cos, -down * sin, across * sin, down * cos];
  // OpenCV's coordinates are pixel centres, ours are pixel edges.
  const [middleX, middleY] = [(width - 1) / 2, (height - 1) / 2];
  return [
    [xx, xy, center.x - 0.5 - origin.x - xx * middleX - xy * middleY],
    [yx, yy, center.y - 0.5 - origin.y - yx * middleX - yy * middleY],
  ];
}

/** The grey region of the frame that covers the crop; at least one pixel. */
function greyAround(frame: Mat, { center, width, height, roll }: CropRegion): { grey: Mat; origin: Point } {
  const [cos, sin] = [Math.abs(Math.cos(roll)), Math.abs(Math.sin(roll))];
  // Cubic sampling reads two more pixels on each side.
  const reachX = (width * cos + height * sin) / 2 + 2;
  const reachY = (width * sin + height * cos) / 2 + 2;
  const left = clamp(Math.floor(center.x - reachX), 0, frame.cols - 1);
  const top = clamp(Math.floor(center.y - reachY), 0, frame.rows - 1);
  const right = clamp(Math.ceil(center.x + reachX), left + 1, frame.cols);
  const bottom = clamp(Math.ceil(center.y + reachY), top + 1, frame.rows);
  const region = frame.getRegion(new cv.Rect(left, top, right - left, bottom - top));
  const origin = { x: left, y: top };
  if (region.channels === 1) return { grey: region, origin };
  const grey = region.cvtColor(cv.COLOR_BGR2GRAY);
  region.release();
  return { grey, origin };
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(max, Math.max(min, value));
}
