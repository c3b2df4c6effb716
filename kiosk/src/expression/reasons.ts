import { type UncertainReason, uncertain, uncertainReasons } from '../../../device/core/labels.ts';
import type { Face } from '../../../device/core/types.ts';
import { language } from '../language/language.ts';
import { nameOf } from './expressions.ts';
import { reasonNames } from './names.ts';

/** What the pages need to know of a face to say what it shows, or why it has no name. */
export type Named = Pick<Face, 'label' | 'probabilities' | 'reason' | 'probability'>;

/** Probability of the label, 0..1; nothing for a face without a name, whose numbers would read as "how unclear". */
export function probabilityOf({ label, probability, probabilities }: Named): number | undefined {
  return label === uncertain ? undefined : (probability ?? probabilities[label]);
}

/** Why a face has no name; nothing where it has one, or where the reason is not one that this page knows. */
export function reasonOf({ label, reason }: Pick<Face, 'label' | 'reason'>): UncertainReason | undefined {
  return label === uncertain ? uncertainReasons.find((known) => known === reason) : undefined;
}

/** A reason in two or three words, as they stand inside a sentence. */
export function reasonName(reason: UncertainReason): string {
  return reasonNames[language][reason];
}

/** What stands on a face in the picture: its expression, or why it has none. */
export function plateOf(face: Named): string {
  const reason = reasonOf(face);
  return reason ? capitalised(reasonName(reason)) : nameOf(face.label);
}

/** Whether the bars of a face say something: those of a face that is too small or too dark are guesses. */
export function hasEvidence(face: Named): boolean {
  const reason = reasonOf(face);
  return reason === undefined || reason === 'ambiguous';
}

/** The reason with the largest share of a visit; nothing where none is known. */
export function mostFrequentReason(
  shares: Readonly<Record<string, number | undefined>> = {},
): UncertainReason | undefined {
  const known = uncertainReasons.filter((reason) => (shares[reason] ?? 0) > 0);
  return known.toSorted((one, other) => shares[other]! - shares[one]!)[0];
}

/** With a capital letter, to stand alone. */
export function capitalised(text: string): string {
  return text.charAt(0).toLocaleUpperCase(language) + text.slice(1);
}
