import type { Detection } from '../core/types.ts';
import { assign } from './assignment.ts';
import { logLikelihoodRatio, type Motion } from './motion.ts';

interface Predicted {
  readonly motion: Motion;
}

/**
 * Pairs tracks, predicted to the time of the frame, with its detections. Maximizes the likelihood of all pairs
 * together. A track is not paired with a detection that is more likely another face.
 *
 * @param newFaceDensity see `logLikelihoodRatio`
 */
export function associate<Track extends Predicted>(
  tracks: readonly Track[],
  detections: readonly Detection[],
  newFaceDensity: number,
): Map<Detection, Track> {
  const gains = tracks.map(({ motion }) =>
    detections.map(({ box }) => logLikelihoodRatio(motion, box, newFaceDensity)),
  );
  const pairs = new Map<Detection, Track>();
  for (const [row, column] of assign(gains).entries()) {
    if (column !== undefined) pairs.set(detections[column]!, tracks[row]!);
  }
  return pairs;
}
