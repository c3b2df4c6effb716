import type { Performance } from '../answers.ts';

export interface Moment {
  /** Monotonic ms of this browser. */
  readonly at: number;
  readonly figures: Performance;
}

/** Length of the charts. */
export const windowMs = 5 * 60_000;

/** The figures within the window, with a new one at the end. */
export function remember(moments: readonly Moment[], figures: Performance, at: number): readonly Moment[] {
  return [...moments.filter((moment) => at - moment.at < windowMs && moment.at < at), { at, figures }];
}

/** Minimum and maximum of the measured values; `undefined` without any. */
export function extent(values: readonly (number | null | undefined)[]): readonly [number, number] | undefined {
  const measured = values.filter((value) => typeof value === 'number');
  return measured.length === 0 ? undefined : [Math.min(...measured), Math.max(...measured)];
}
