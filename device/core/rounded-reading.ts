import { mapNumbers, roundedNumbers } from './decimals.ts';
import type { Face, Reading } from './types.ts';

/** A reading with the precision that a detection has: box and landmarks in whole pixels, four decimals for the rest. */
export function roundedReading({ faces, ...rest }: Reading): Reading {
  return { ...roundedNumbers(rest), faces: faces.map(roundedFace) };
}

/** A face with its box and landmarks in whole pixels, and four decimals for the rest. */
export function roundedFace(face: Face): Face {
  const { box, landmarks } = face;
  const pixels = mapNumbers({ box, ...(landmarks && { landmarks }) }, Math.round) as Pick<Face, 'box' | 'landmarks'>;
  return { ...roundedNumbers(face), ...pixels };
}
