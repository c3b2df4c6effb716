import type { CropMeasures } from '../../../classify/measures.ts';
import type { Row } from '../table.ts';

/** The prediction for a face and the majority of people. */
export interface Judged {
  readonly label: string;
  readonly name: string;
  readonly probability: number;
  readonly measures: CropMeasures;
}

/** One line of a table: agreement, confidence, and measurements. */
export function judgedRow(judged: readonly Judged[]): Row {
  const calm = judged.filter(({ label }) => label === 'neutral');
  return {
    faces: judged.length,
    'agree %': 100 * share(judged, ({ label, name }) => label === name),
    'neutral recall %': 100 * share(calm, ({ label, name }) => label === name),
    'mean probability': judged.reduce((sum, { probability }) => sum + probability, 0) / judged.length,
    contrast: quartiles(judged.map(({ measures }) => measures.contrast)),
    sharpness: quartiles(judged.map(({ measures }) => measures.sharpness)),
  };
}

function share<Value>(values: readonly Value[], isOne: (value: Value) => boolean): number {
  return values.filter(isOne).length / values.length;
}

function quartiles(values: readonly number[]): string {
  const sorted = values.toSorted((one, other) => one - other);
  const at = (part: number) => (sorted[Math.floor(part * (sorted.length - 1))] ?? Number.NaN).toPrecision(2);
  return `${at(0.25)} ${at(0.5)} ${at(0.75)}`;
}
