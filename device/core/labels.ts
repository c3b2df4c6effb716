import { fourDecimals } from './decimals.ts';

/**
 * The label of an abstention: the model cannot tell the expression. A reserved word besides the labels of a model card. It
 * has a share of the time, but no probability. A new track may start with it until the evidence suffices; its first named
 * label then does not count as a change of label.
 */
export const uncertain = 'uncertain';

/**
 * Why a face is called `uncertain`: it is too low in the picture, its head is turned away, it is too dark, it is blurred, a
 * hand or mask covers part of it, or several expressions are about equally probable.
 */
export const uncertainReasons = ['small', 'turned', 'dark', 'blurred', 'covered', 'ambiguous'] as const;
export type UncertainReason = (typeof uncertainReasons)[number];

/** Number of faces per label. */
export function labelCounts(faces: Iterable<{ readonly label: string }>): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { label } of faces) counts[label] = (counts[label] ?? 0) + 1;
  return counts;
}

/**
 * Share of `happy` among everything with a named label, 0..1 with four decimals; null without a named label.
 *
 * @param counts per label, `uncertain` included: how many faces, frames or samples, or how much time
 */
export function happyShareOf(counts: Readonly<Record<string, number>>): number | null {
  const { [uncertain]: _unnamed, ...named } = counts;
  const total = Object.values(named).reduce((sum, count) => sum + count, 0);
  return total > 0 ? fourDecimals((named.happy ?? 0) / total) : null;
}

/**
 * The named label with the largest count, with its share of all named labels; undefined without a named label. Of equal
 * counts the alphabetically first label wins, so that all pages and answers agree.
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

/** Operating points of a model card: how readily a face gets another label than neutral. */
export const sensitivities = ['calm', 'balanced', 'expressive'] as const;
export type Sensitivity = (typeof sensitivities)[number];
