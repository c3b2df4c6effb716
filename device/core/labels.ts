/**
 * What a face is called whose expression the model cannot tell: a reserved word beside the labels of a model card. It has
 * a share of the time, but no probability. Somebody who has just come may be called so until there is evidence enough for a
 * name; that first name is no change of the label.
 */
export const uncertain = 'uncertain';
