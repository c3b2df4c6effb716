import type { Model } from '../answers.ts';

type Card = Model['card'];

/** What a model answers: what most people would say that a face shows, or FER-2013's own labels. */
export type Question = Card['answers'];

/** One measurement of a model, as training/ made it; what the device itself does not need may be missing. */
export type Measured = NonNullable<Card['metrics']['int8'][Question]> & {
  readonly macroRecall?: number;
  readonly calibrationError?: number;
  /** Faces by what they show (rows), then by what they were named (columns), in the order of the labels. */
  readonly confusion?: readonly (readonly number[])[];
};

export interface Evaluation {
  readonly question: Question;
  readonly leading: Measured;
  /** Against the other question, where that was measured too. */
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

/** What the page leads with: the question that the model answers. */
export function evaluationOf(
  { answers: question, metrics }: Pick<Card, 'answers' | 'metrics'>,
  precision: 'int8' | 'fp32',
): Evaluation | undefined {
  const { people, fer2013 } = metrics[precision];
  const [leading, compared] = question === 'people' ? [people, fer2013] : [fer2013, people];
  return leading && { question, leading, compared };
}

/** Figures per class, all from the confusion matrix; none without one. */
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

/** Each row as shares of its sum: of the faces that show it, how many are named what. A class without a face is all 0. */
export function rowShares(confusion: readonly (readonly number[])[]): readonly (readonly number[])[] {
  return confusion.map((row) => row.map((count) => share(count, sum(row))));
}

/** The class of which the smallest share is found. */
export function weakest(figures: readonly ClassFigures[]): ClassFigures | undefined {
  return figures.toSorted((one, other) => one.recall - other.recall)[0];
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
