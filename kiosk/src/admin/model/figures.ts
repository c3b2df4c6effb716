import type { Model } from '../answers.ts';

/** Whose answers a model was measured against: what most people say that a face shows, or FER-2013's own labels. */
export type Question = 'people' | 'fer2013';

/** One measurement of a model, as training/ made it; what the device itself does not need may be missing. */
export interface Measured {
  readonly split?: string;
  readonly n: number;
  readonly accuracy: number;
  readonly macroRecall?: number;
  readonly macroF1?: number;
  readonly calibrationError?: number;
  /** Faces by what they show (rows), then by what they were named (columns), in the order of the labels. */
  readonly confusion?: readonly (readonly number[])[];
}

/** Of one precision of a model. A card without `people` was measured against FER-2013's labels alone. */
export type Metrics = Model['card']['metrics']['int8'] &
  Measured & { readonly people?: Measured; readonly fer2013?: Measured };

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

/** What the page leads with: agreement with people where it was measured. */
export function evaluationOf(metrics: Metrics): Evaluation {
  const { people, fer2013, split } = metrics;
  if (!people) return { question: 'fer2013', leading: metrics, compared: undefined };
  return { question: 'people', leading: { split, ...people }, compared: fer2013 };
}

/** Which question the labels of a card answer. Cards of older versions do not say; theirs are FER-2013's. */
export function questionOf(answers: unknown): Question {
  return answers === 'people' ? 'people' : 'fer2013';
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
