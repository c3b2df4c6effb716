import { happyShareOf } from '../../../../device/core/labels.ts';
import { type Columns, columnsOf, sumOf, type Tally } from './timeline.ts';

const hourMs = 3_600_000;

/** An hour of the log. */
export interface Hour extends Tally {
  readonly visits: number;
}

export interface DaySummary {
  readonly visits: number;
  /** Happy among what has a name, 0..1; null where nothing has. */
  readonly happyShare: number | null;
}

/** Midnight before and after a moment, in the time zone of this screen. */
export function dayOf(now: number): { readonly from: number; readonly to: number } {
  const midnight = new Date(now);
  midnight.setHours(0, 0, 0, 0);
  const next = new Date(midnight);
  // 23 or 25 hours where the clocks change.
  next.setDate(next.getDate() + 1);
  return { from: midnight.getTime(), to: next.getTime() };
}

/** One column per hour of the day, from midnight to midnight; hours to come are gaps. */
export function dayColumns(hours: readonly Hour[], now: number, order: readonly string[]): Columns {
  const { from, to } = dayOf(now);
  const starts = Array.from({ length: Math.round((to - from) / hourMs) }, (_, hour) => from + hour * hourMs);
  const at = (start: number) => hours.find((hour) => hour.start >= start && hour.start < start + hourMs)?.counts;
  return columnsOf(starts, hourMs, at, order);
}

export function summarise(hours: readonly Hour[]): DaySummary {
  return {
    visits: hours.reduce((sum, { visits }) => sum + visits, 0),
    happyShare: happyShareOf(sumOf(hours.map(({ counts }) => counts))),
  };
}
