import { uncertain } from '../../../../device/core/labels.ts';
import { type Columns, columnsOf, type Tally, totalOf } from './timeline.ts';

const hourMs = 3_600_000;

/** An hour of the log. */
export interface Hour extends Tally {
  readonly visits: number;
}

export interface DaySummary {
  readonly visits: number;
  /** The expression seen most, if one was; `uncertain` is none. */
  readonly mostly: string | undefined;
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
  const sums: Record<string, number> = {};
  for (const { counts } of hours) {
    for (const [label, count] of Object.entries(counts)) {
      if (label !== uncertain) sums[label] = (sums[label] ?? 0) + count;
    }
  }
  const [most] = Object.entries(sums).sort(([, a], [, b]) => b - a);
  return {
    visits: hours.reduce((sum, { visits }) => sum + visits, 0),
    mostly: totalOf(sums) > 0 ? most?.[0] : undefined,
  };
}
