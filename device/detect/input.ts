import { cv, type Mat } from '../core/opencv.ts';
import type { DetectLimits } from './detector.ts';

/** Size of a network's input, in pixels. */
export interface InputSize {
  readonly width: number;
  readonly height: number;
}

/** Minimum side of an input, in pixels: four cells of the coarsest stride. */
export const minSide = 128;

/** Longest side of a derived input: the width for a picture of 1920 px. */
export const maxSide = 1152;

const black = new cv.Vec3(0, 0, 0);

/**
 * The network's input for a frame: at most `maxWidth` wide, with the frame's aspect ratio, in steps of the coarsest
 * stride. An input higher than `maxHeight` is scaled down further: the input of a very high, narrow frame would need
 * gigabytes.
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
 * Width of YuNet's input for a picture of this width. Unless one is set, 320 px for pictures up to 640 px: half the
 * width costs little, and people in front of a kiosk are large. Six tenths above: faces of 24 px become 14 px, the
 * smallest size at which nine of ten are found in every recording (12 px: seven of ten; `npm run bench -- quality --set
 * detect.inputWidth=256`).
 */
export function detectionWidth(
  width: number,
  { inputWidth, minWidth = 320 }: Pick<DetectLimits, 'inputWidth' | 'minWidth'>,
): number {
  if (inputWidth > 0) return Math.max(minSide, inputWidth);
  const share = width > 640 ? roundUp32(0.6 * width) : 320;
  return Math.max(minWidth, Math.min(maxSide, share));
}

/** Scales the frame into the input with its aspect ratio; the rest at the right or at the bottom is black. */
export function fitInto(frame: Mat, input: InputSize): { image: Mat; scale: number } {
  const scale = Math.min(input.width / frame.cols, input.height / frame.rows);
  const width = Math.max(1, Math.round(frame.cols * scale));
  const height = Math.max(1, Math.round(frame.rows * scale));
  // At exactly one half, both methods average the same four pixels, and OpenCV's code for INTER_AREA is faster.
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
