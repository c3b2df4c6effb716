import { cv, type Mat } from '../core/opencv.ts';
import type { Box, Point } from '../core/types.ts';
import type { ModelCard } from './card.ts';

type BoxCrop = ModelCard['crop']['box']['yunet'];

/** The part of the frame that the classifier gets as its input; may be turned, and reach over the frame's edge. */
export interface CropRegion {
  /** In pixels of the frame, as are the sides. */
  readonly center: Point;
  readonly width: number;
  readonly height: number;
  /** By how much its upper edge is turned, in radians, from x towards y. */
  readonly roll: number;
}

/** The upright square that the classifier knows as its input, for a face box. */
export function cropSquare(box: Box, { scale, dx, dy }: BoxCrop): CropRegion {
  const side = scale * box.height;
  const center = { x: box.x + box.width / 2 + dx * box.height, y: box.y + box.height / 2 + dy * box.height };
  return { center, width: side, height: side, roll: 0 };
}

export function wholePicture({ cols, rows }: Mat): CropRegion {
  return { center: { x: cols / 2, y: rows / 2 }, width: cols, height: rows, roll: 0 };
}

/**
 * Writes one crop as the classifier wants it: grey, scaled to the card's input. Growing, it is cubic, which is worth 4 points
 * of accuracy over bilinear on faces of 24 px, and 2 on 32 px. Shrinking, all pixels of the frame take part, so that no detail
 * aliases: it is sampled at the frame's own pitch or finer, then averaged.
 *
 * @param region what lies outside of the frame repeats its edge
 * @param into receives width x height bytes
 * @param isMirrored left and right are changed
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

/** 2 x 3: from pixels of a crop of this size to those of the region of the frame that begins at `origin`. */
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
  // OpenCV counts pixels by their centres, we by their edges.
  const [middleX, middleY] = [(width - 1) / 2, (height - 1) / 2];
  return [
    [xx, xy, center.x - 0.5 - origin.x - xx * middleX - xy * middleY],
    [yx, yy, center.y - 0.5 - origin.y - yx * middleX - yy * middleY],
  ];
}

/** The region of the frame that the crop is made from, in grey; at least one pixel of it. */
function greyAround(frame: Mat, { center, width, height, roll }: CropRegion): { grey: Mat; origin: Point } {
  const [cos, sin] = [Math.abs(Math.cos(roll)), Math.abs(Math.sin(roll))];
  // Cubic sampling looks at the next two pixels too.
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
