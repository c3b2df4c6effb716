import { type UncertainReason, uncertain, uncertainReasons } from '../../../device/core/labels.ts';
import type { Face } from '../../../device/core/types.ts';
import { language } from '../language/language.ts';
import { nameOf } from './expressions.ts';
import { reasonNames } from './names.ts';

/** The fields of a face that decide its text: its expression, or why it has no name. */
export type Named = Pick<Face, 'label' | 'probabilities' | 'reason' | 'probability'>;

/** Probability of the label, 0..1. Undefined for a face without a name, where it would read as "how unclear". */
export function probabilityOf({ label, probability, probabilities }: Named): number | undefined {
  return label === uncertain ? undefined : (probability ?? probabilities[label]);
}

/** Reason why a face has no name. Undefined if it has one, or if this page does not know the reason. */
export function reasonOf({ label, reason }: Pick<Face, 'label' | 'reason'>): UncertainReason | undefined {
  return label === uncertain ? uncertainReasons.find((known) => known === reason) : undefined;
}

/** A reason in two or three words, inside a sentence. */
export function reasonName(reason: UncertainReason): string {
  return reasonNames[language][reason];
}

/** Text of the plate on a face: its expression, or why it has none. */
export function plateOf(face: Named): string {
  const reason = reasonOf(face);
  return reason ? capitalised(reasonName(reason)) : nameOf(face.label);
}

/** Whether the bars of a face are meaningful. Those of a face that is too small or too dark are guesses. */
export function hasEvidence(face: Named): boolean {
  const reason = reasonOf(face);
  return reason === undefined || reason === 'ambiguous';
}

/** The reason with the largest share of a visit; undefined if none is known. */
export function dominantReason(shares: Readonly<Record<string, number | undefined>> = {}): UncertainReason | undefined {
  const known = uncertainReasons.filter((reason) => (shares[reason] ?? 0) > 0);
  return known.toSorted((one, other) => shares[other]! - shares[one]!)[0];
}

/** The same with a capital letter, to stand alone. */
export function capitalised(text: string): string {
  return text.charAt(0).toLocaleUpperCase(language) + text.slice(1);
}
