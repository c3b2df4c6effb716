import type { Model } from '../answers.ts';

/** Of one precision of a model, as training/ measured it; what the device itself does not need may be missing. */
export type Metrics = NonNullable<Model['card']['metrics']['int8']['people']> & {
  /** Per label. */
  readonly precision?: Readonly<Record<string, number>>;
  readonly recall?: Readonly<Record<string, number>>;
  readonly f1?: Readonly<Record<string, number>>;
  /** Faces by what they show (rows), then by what they were named (columns), in the order of the labels. */
  readonly confusion?: readonly (readonly number[])[];
  readonly calibrationError?: number;
};

export interface ClassFigures {
  readonly label: string;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  /** Faces of this class in the test set. */
  readonly support: number;
}

export function classFigures(labels: readonly string[], metrics: Metrics): readonly ClassFigures[] {
  return labels.map((label, at) => ({
    label,
    precision: metrics.precision?.[label] ?? 0,
    recall: metrics.recall?.[label] ?? 0,
    f1: metrics.f1?.[label] ?? 0,
    support: sum(metrics.confusion?.[at] ?? []),
  }));
}

/** Each row as shares of its sum: of the faces that show it, how many are named what. A class without a face is all 0. */
export function rowShares(confusion: readonly (readonly number[])[]): readonly (readonly number[])[] {
  return confusion.map((row) => {
    const all = sum(row);
    return row.map((count) => (all === 0 ? 0 : count / all));
  });
}

/** The class of which the smallest share is found. */
export function weakest(figures: readonly ClassFigures[]): ClassFigures | undefined {
  return figures.toSorted((one, other) => one.recall - other.recall)[0];
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
