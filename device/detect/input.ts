import { cv, type Mat } from '../core/opencv.ts';
import type { DetectLimits } from './detector.ts';

/** Of a network's input, in pixels. */
export interface InputSize {
  readonly width: number;
  readonly height: number;
}

/** Least side of an input, in pixels: four cells of the coarsest stride. */
export const minSide = 128;

/** Longest side of an input that nobody asked for: the width of that of a picture of 1920. */
export const maxSide = 1152;

const black = new cv.Vec3(0, 0, 0);

/**
 * The network's input for a frame: `most` wide or less, of the frame's shape, in steps of the coarsest stride. What would be
 * higher than `mostHeight` is scaled down further instead: the input of a strip would take gigabytes.
 */
export function inputSize(
  frame: { cols: number; rows: number },
  maxWidth: number,
  maxHeight = 4 * maxWidth,
): InputSize {
  const width = Math.max(minSide, Math.min(maxWidth, roundUp32(frame.cols)));
  const height = Math.max(minSide, roundUp32((width * frame.rows) / frame.cols));
  if (height <= maxHeight) return { width, height };
  return { width: Math.max(minSide, roundUp32((maxHeight * frame.cols) / frame.rows)), height: maxHeight };
}

/**
 * The width at which YuNet looks at a picture of that width. Unless one is set: 320 up to 640, where half costs little
 * and people who stand in front of a kiosk are large; six tenths above, where faces of 24 px are 14 px, the least at which nine
 * of ten are found in every recording (12 px: seven of ten; `npm run bench -- quality --set detect.inputWidth=256`).
 */
export function detectionWidth(
  width: number,
  { inputWidth, minWidth = 320 }: Pick<DetectLimits, 'inputWidth' | 'minWidth'>,
): number {
  if (inputWidth > 0) return Math.max(minSide, inputWidth);
  const share = width > 640 ? roundUp32(0.6 * width) : 320;
  return Math.max(minWidth, Math.min(maxSide, share));
}

/** The frame scaled into the input, its shape kept; what is left at the right or at the bottom is black. */
export function fitInto(frame: Mat, input: InputSize): { image: Mat; scale: number } {
  const scale = Math.min(input.width / frame.cols, input.height / frame.rows);
  const width = Math.max(1, Math.round(frame.cols * scale));
  const height = Math.max(1, Math.round(frame.rows * scale));
  // At exactly a half both take the mean of the same four pixels; averaging has the faster code for it.
  const isHalf = 2 * width === frame.cols && 2 * height === frame.rows;
  const scaled = frame.resize(height, width, 0, 0, isHalf ? cv.INTER_AREA : cv.INTER_LINEAR);
  if (width === input.width && height === input.height) return { image: scaled, scale };
  const image = scaled.copyMakeBorder(0, input.height - height, 0, input.width - width, cv.BORDER_CONSTANT, black);
  scaled.release();
  return { image, scale };
}

export function roundUp32(value: number): number {
  return Math.ceil(value / 32) * 32;
}
