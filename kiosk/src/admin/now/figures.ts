import type { Performance } from '../answers.ts';

export interface Moment {
  /** Of this browser's monotonic clock, ms. */
  readonly at: number;
  readonly figures: Performance;
}

/** As far as the charts look back. */
export const windowMs = 5 * 60_000;

/** The moments of the window, with a new one at their end. */
export function remember(moments: readonly Moment[], figures: Performance, at: number): readonly Moment[] {
  return [...moments.filter((moment) => at - moment.at < windowMs && moment.at < at), { at, figures }];
}

/** Least and most of what was measured; `undefined` where nothing was. */
export function extent(values: readonly (number | null | undefined)[]): readonly [number, number] | undefined {
  const measured = values.filter((value) => typeof value === 'number');
  return measured.length === 0 ? undefined : [Math.min(...measured), Math.max(...measured)];
}
