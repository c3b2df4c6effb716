import { cv, type Mat } from '../core/opencv.ts';
import type { Box } from '../core/types.ts';
import type { ModelCard } from './card.ts';

type BoxCrop = ModelCard['crop']['box']['yunet'];

/** The square of the frame that the classifier knows as its input, for a face box; may reach over the frame's edge. */
export function cropSquare(box: Box, crop: BoxCrop): Box {
  const side = crop.scale * box.height;
  const centerX = box.x + box.width / 2 + crop.dx * box.height;
  const centerY = box.y + box.height / 2 + crop.dy * box.height;
  return { x: centerX - side / 2, y: centerY - side / 2, width: side, height: side };
}

/**
 * Writes one crop as the classifier wants it: grey, scaled to the card's input.
 *
 * @param region part of the frame in pixels; what lies outside repeats the frame's edge
 * @param into receives width x height bytes
 */
export function cutCrop(frame: Mat, region: Box, input: ModelCard['input'], into: Uint8Array): void {
  const square = regionOf(frame, region);
  const grey = square.channels === 1 ? square : square.cvtColor(cv.COLOR_BGR2GRAY);
  const scaled = grey.resize(input.height, input.width, 0, 0, interpolationFor(square.rows, input.height));
  into.set(scaled.getData());
  scaled.release();
  if (grey !== square) grey.release();
  square.release();
}

/** Averaging when it shrinks, so that no detail aliases; bilinear when it grows. */
function interpolationFor(from: number, to: number): number {
  return from > to ? cv.INTER_AREA : cv.INTER_LINEAR;
}

function regionOf(frame: Mat, region: Box): Mat {
  const left = Math.round(region.x);
  const top = Math.round(region.y);
  const width = Math.max(2, Math.round(region.width));
  const height = Math.max(2, Math.round(region.height));
  const x0 = clamp(left, 0, frame.cols - 1);
  const y0 = clamp(top, 0, frame.rows - 1);
  const x1 = clamp(left + width, x0 + 1, frame.cols);
  const y1 = clamp(top + height, y0 + 1, frame.rows);
  const inside = frame.getRegion(new cv.Rect(x0, y0, x1 - x0, y1 - y0));
  const border = [y0 - top, top + height - y1, x0 - left, left + width - x1].map((n) => Math.max(0, n));
  if (border.every((n) => n === 0)) return inside;
  const [above, below, before, after] = border as [number, number, number, number];
  const padded = inside.copyMakeBorder(above, below, before, after, cv.BORDER_REPLICATE);
  inside.release();
  return padded;
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
