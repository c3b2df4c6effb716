import { cv, type Mat } from '../../../core/opencv.ts';
import { numbersFrom } from '../../../core/seeded-numbers.ts';

/** One kind of degradation at one strength. */
export interface Degradation {
  readonly cause: 'small' | 'dark' | 'blurred';
  /** Name in the table. */
  readonly level: string;
  /** Returns a new picture; the caller releases both. */
  apply(grey: Mat): Mat;
}

/** Noise of a dark picture, in grey levels. */
const noise = 2;

export const degradations: readonly Degradation[] = [
  ...[48, 40, 32, 28, 24, 20, 18, 16, 14, 12, 10].map((side) => ({
    cause: 'small' as const,
    level: `${side} px`,
    apply: (grey: Mat) => grey.resize(side, side, 0, 0, cv.INTER_AREA),
  })),
  ...[0.5, 0.35, 0.25, 0.18, 0.12, 0.08, 0.05, 0.03].map((gain) => ({
    cause: 'dark' as const,
    level: `x ${gain}`,
    apply: (grey: Mat) => darken(grey, gain),
  })),
  ...[0.7, 1, 1.5, 2, 2.5, 3, 4, 5].map((sigma) => ({
    cause: 'blurred' as const,
    level: `focus ${sigma} px`,
    apply: (grey: Mat) => grey.gaussianBlur(new cv.Size(0, 0), sigma),
  })),
  ...[3, 5, 7, 9, 13].map((length) => ({
    cause: 'blurred' as const,
    level: `motion ${length} px`,
    apply: (grey: Mat) => grey.blur(new cv.Size(length, 1)),
  })),
];

function darken(grey: Mat, gain: number): Mat {
  const next = numbersFrom(7);
  const values = Uint8Array.from(grey.getData(), (value) =>
    // The sum of three is about normally distributed.
    Math.min(255, Math.max(0, Math.round(value * gain + noise * 2 * (next() + next() + next() - 1.5)))),
  );
  return new cv.Mat(Buffer.from(values), grey.rows, grey.cols, cv.CV_8UC1);
}
