import { fourDecimals } from './decimals.ts';

/**
 * What a face is called whose expression the model cannot tell: a reserved word beside the labels of a model card. It has
 * a share of the time, but no probability. Somebody who has just come may be called so until there is evidence enough for a
 * name; that first name is no change of the label.
 */
export const uncertain = 'uncertain';

/**
 * Why a face is called `uncertain`: it is too low in the picture, its head is turned away, it is too dark, it is blurred, a
 * hand or mask covers part of it, or several expressions are about equally probable.
 */
export const uncertainReasons = ['small', 'turned', 'dark', 'blurred', 'covered', 'ambiguous'] as const;
export type UncertainReason = (typeof uncertainReasons)[number];

/** How many of these faces are shown with each label. */
export function labelCounts(faces: Iterable<{ readonly label: string }>): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { label } of faces) counts[label] = (counts[label] ?? 0) + 1;
  return counts;
}

/**
 * Share of `happy` among everything that has a name, 0..1 with four decimals; null while nothing has a name.
 *
 * @param counts per label, `uncertain` included: how many faces, frames or samples, or how much time
 */
export function happyShareOf(counts: Readonly<Record<string, number>>): number | null {
  const { [uncertain]: _unnamed, ...named } = counts;
  const total = Object.values(named).reduce((sum, count) => sum + count, 0);
  return total > 0 ? fourDecimals((named.happy ?? 0) / total) : null;
}

/**
 * The label with the largest count, with its share of everything that has a name; undefined while nothing has one. Of
 * equal counts the first in alphabetical order counts, so that every page and every answer names the same.
 *
 * @param counts as for `happyShareOf`
 */
export function dominantOf(
  counts: Readonly<Record<string, number>>,
): { readonly label: string; readonly share: number } | undefined {
  const named = Object.entries(counts).filter(([label, count]) => label !== uncertain && count > 0);
  const [first] = named.sort(([a, one], [b, other]) => other - one || (a < b ? -1 : 1));
  const total = named.reduce((sum, [, count]) => sum + count, 0);
  return first && { label: first[0], share: first[1] / total };
}

/** How readily a face is called something else than neutral: the operating points of a model card. */
export const sensitivities = ['calm', 'balanced', 'expressive'] as const;
export type Sensitivity = (typeof sensitivities)[number];
