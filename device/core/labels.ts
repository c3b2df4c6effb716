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

/** How readily a face is called something else than neutral: the operating points of a model card. */
export const sensitivities = ['calm', 'balanced', 'expressive'] as const;
export type Sensitivity = (typeof sensitivities)[number];
