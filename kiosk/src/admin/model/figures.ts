import type { Model } from '../answers.ts';

type Card = Model['card'];

/** The question that a model answers: the label that most people give a face, or the label of FER-2013. */
export type Question = Card['answers'];

/** One measurement of a model, written by training/. Figures that the device does not need may be missing. */
export type Measured = NonNullable<Card['metrics']['int8'][Question]> & {
  readonly macroRecall?: number;
  readonly calibrationError?: number;
  /** Counts of faces by true label (rows) and predicted label (columns), in the order of the labels. */
  readonly confusion?: readonly (readonly number[])[];
};

export interface Evaluation {
  readonly question: Question;
  readonly leading: Measured;
  /** Measured against the other question, if that exists. */
  readonly compared: Measured | undefined;
}

export interface ClassFigures {
  readonly label: string;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  /** Faces of this class in the test set. */
  readonly support: number;
}

/** The measurement that the page shows first: that of the question that the model answers. */
export function evaluationOf(
  { answers: question, metrics }: Pick<Card, 'answers' | 'metrics'>,
  precision: 'int8' | 'fp32',
): Evaluation | undefined {
  const { people, fer2013 } = metrics[precision];
  const [leading, compared] = question === 'people' ? [people, fer2013] : [fer2013, people];
  return leading && { question, leading, compared };
}

/** Figures per class, computed from the confusion matrix; empty without one. */
export function classFigures(labels: readonly string[], { confusion }: Measured): readonly ClassFigures[] {
  if (!confusion) return [];
  return labels.map((label, at) => {
    const right = confusion[at]?.[at] ?? 0;
    const support = sum(confusion[at] ?? []);
    const named = sum(confusion.map((row) => row[at] ?? 0));
    return {
      label,
      precision: share(right, named),
      recall: share(right, support),
      f1: share(2 * right, support + named),
      support,
    };
  });
}

/** Each row as shares of its sum: how the faces of a class are labelled. A class without faces is all 0. */
export function rowShares(confusion: readonly (readonly number[])[]): readonly (readonly number[])[] {
  return confusion.map((row) => row.map((count) => share(count, sum(row))));
}

/** The class with the lowest recall. */
export function weakest(figures: readonly ClassFigures[]): ClassFigures | undefined {
  return figures.toSorted((one, other) => one.recall - other.recall)[0];
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
