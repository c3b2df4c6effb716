import type { Detection } from '../core/types.ts';
import { assign } from './assignment.ts';
import { likeness, type Motion } from './motion.ts';

interface Followed {
  readonly motion: Motion;
}

/**
 * Pairs tracks, predicted to the time of the frame, with its detections: the pairing that is likeliest as a whole, where
 * nobody is paired with what is likelier somebody else.
 *
 * @param newcomers see `likeness`
 */
export function associate<Track extends Followed>(
  tracks: readonly Track[],
  detections: readonly Detection[],
  newcomers: number,
): Map<Detection, Track> {
  const gains = tracks.map(({ motion }) => detections.map(({ box }) => likeness(motion, box, newcomers)));
  const pairs = new Map<Detection, Track>();
  for (const [row, column] of assign(gains).entries()) {
    if (column !== undefined) pairs.set(detections[column]!, tracks[row]!);
  }
  return pairs;
}
