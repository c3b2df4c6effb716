/**
 * What a face is called whose expression the model cannot tell: a reserved word beside the labels of a model card. It has
 * a share of the time, but no probability.
 */
export const uncertain = 'uncertain';
