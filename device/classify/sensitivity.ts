import type { Sensitivity } from '../core/labels.ts';
import type { Probabilities } from '../core/types.ts';
import type { ModelCard } from './card.ts';

/** What a card adds to logits / temperature at a sensitivity, by label. */
export function offsetsOf({ sensitivity }: ModelCard, chosen: Sensitivity): Readonly<Record<string, number>> {
  return sensitivity?.[chosen].offsets ?? {};
}

/**
 * The probabilities that the softmax gives when offsets are added to what it is taken of. They are computed from the
 * probabilities without offsets, so that no network has to be asked again.
 */
export function withOffsets(probabilities: Probabilities, offsets: Readonly<Record<string, number>>): Probabilities {
  const weights = Object.entries(probabilities).map(
    ([label, value]) => [label, value * Math.exp(offsets[label] ?? 0)] as const,
  );
  const sum = weights.reduce((total, [, weight]) => total + weight, 0);
  return Object.fromEntries(weights.map(([label, weight]) => [label, weight / sum]));
}
