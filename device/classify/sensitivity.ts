import type { Sensitivity } from '../core/labels.ts';
import type { ModelCard } from '../core/model-card.ts';
import type { Probabilities } from '../core/types.ts';

/** Offsets of a card to logits / temperature at a sensitivity, by label. */
export function offsetsOf({ sensitivity }: ModelCard, chosen: Sensitivity): Readonly<Record<string, number>> {
  return sensitivity?.[chosen].offsets ?? {};
}

/**
 * Probabilities of a softmax with these offsets. Computed from the probabilities without offsets, so that the network
 * need not run again.
 */
export function withOffsets(probabilities: Probabilities, offsets: Readonly<Record<string, number>>): Probabilities {
  const weights = Object.entries(probabilities).map(
    ([label, value]) => [label, value * Math.exp(offsets[label] ?? 0)] as const,
  );
  const sum = weights.reduce((total, [, weight]) => total + weight, 0);
  return Object.fromEntries(weights.map(([label, weight]) => [label, weight / sum]));
}
