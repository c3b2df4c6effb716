export type Bucket = 'hour' | 'day' | 'week';

/** The operator's choice. `from` and `to` are days in the format of a date field (2026-01-31), both inclusive. */
export interface Filter {
  readonly period: 'today' | 'week' | 'month' | 'own';
  readonly from: string;
  readonly to: string;
  readonly bucket: Bucket;
  /** Undefined: all labels. */
  readonly label: string;
}

/** `to` is exclusive; wall-clock ms. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

const days = { today: 1, week: 7, month: 30 } as const;

/** Bucket that gives a period a few dozen columns. */
export const usualBucket = { today: 'hour', week: 'day', month: 'day' } as const;

/**
 * Whole days of this browser's time zone, so that "today" means what the operator calls today; `undefined` where the
 * custom period ends before it begins or is incomplete.
 */
export function rangeOf({ period, from, to }: Filter, now: number): Range | undefined {
  const range =
    period === 'own'
      ? { from: midnight(from), to: midnight(to, 1) }
      : { from: midnight(dayOf(now), 1 - days[period]), to: midnight(dayOf(now), 1) };
  return range.from < range.to ? range : undefined;
}

/** The day of a time, in the format of a date field. */
export function dayOf(ms: number): string {
  const date = new Date(ms);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${String(date.getFullYear()).padStart(4, '0')}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** The start of a day, or of one `later`. By the calendar, because a day of a clock change has 23 or 25 hours. */
export function midnight(day: string, later = 0): number {
  const [year = Number.NaN, month = Number.NaN, date = Number.NaN] = day.split('-').map(Number);
  return new Date(year, month - 1, date + later).getTime();
}
