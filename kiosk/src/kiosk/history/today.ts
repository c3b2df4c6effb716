import { sumOf } from '../../expression/counts.ts';
import { type Columns, columnsOf, type Tally } from './timeline.ts';

const hourMs = 3_600_000;

/** The log of a minute or an hour. */
export interface Logged extends Tally {
  readonly visits: number;
}

export interface DaySummary {
  readonly visits: number;
  /** Seconds in view by expression. */
  readonly seconds: Tally['seconds'];
}

/** Midnight before and after a time, in the time zone of this screen. */
export function dayOf(now: number): { readonly from: number; readonly to: number } {
  const midnight = new Date(now);
  midnight.setHours(0, 0, 0, 0);
  const next = new Date(midnight);
  // 23 or 25 hours on the day of a clock change.
  next.setDate(next.getDate() + 1);
  return { from: midnight.getTime(), to: next.getTime() };
}

/** One column per hour of the day, from midnight to midnight; future hours are gaps. */
export function dayColumns(hours: readonly Logged[], now: number, order: readonly string[]): Columns {
  const { from, to } = dayOf(now);
  return columnsOf({
    starts: Array.from({ length: Math.round((to - from) / hourMs) }, (_, hour) => from + hour * hourMs),
    bucketMs: hourMs,
    secondsAt: (start) => hours.find((hour) => hour.start >= start && hour.start < start + hourMs)?.seconds,
    order,
    now,
  });
}

export function summarise(hours: readonly Logged[]): DaySummary {
  return {
    visits: hours.reduce((sum, { visits }) => sum + visits, 0),
    seconds: sumOf(hours.map(({ seconds }) => seconds)),
  };
}
