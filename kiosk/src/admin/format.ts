import { isolated } from '../language/format.ts';
import { language } from '../language/language.ts';
import { formatUnit } from '../language/units.ts';
import type { Bucket } from './history/period.ts';

const figures = {
  whole: new Intl.NumberFormat(language, { maximumFractionDigits: 0 }),
  tenths: new Intl.NumberFormat(language, { maximumFractionDigits: 1 }),
  thousandths: new Intl.NumberFormat(language, { maximumFractionDigits: 3 }),
  share: new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 0 }),
  exactShare: new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 1 }),
} as const;

/** Decimal separator of the page's language: 0.5 or 0,5. */
export const decimalPoint =
  new Intl.NumberFormat(language).formatToParts(0.5).find(({ type }) => type === 'decimal')?.value ?? '.';

/** A smaller share would read as 0 %. */
export const minShare = 0.005;

/** A number, or a share (0..1) as a percentage, as the page's language writes it. */
export function formatFigure(value: number, kind: keyof typeof figures = 'whole'): string {
  const text = figures[kind].format(value);
  return kind === 'share' || kind === 'exactShare' ? isolated(text) : text;
}

const two = '2-digit';
const time = { hour: two, minute: two, hourCycle: 'h23' } as const;
const day = { weekday: 'short', day: 'numeric', month: 'short' } as const;
const moments = {
  time: new Intl.DateTimeFormat(language, { ...time, second: two }),
  dayTime: new Intl.DateTimeFormat(language, { ...day, ...time }),
  day: new Intl.DateTimeFormat(language, day),
  hour: new Intl.DateTimeFormat(language, time),
  date: new Intl.DateTimeFormat(language, { day: 'numeric', month: 'short' }),
} as const;

/** A time in the time zone of this browser. @param ms since 1970 */
export function formatMoment(ms: number, kind: keyof typeof moments = 'dayTime'): string {
  return moments[kind].format(ms);
}

/** Short form of `formatColumn`: the hour, and the date where a day begins. */
export function formatTick(ms: number, bucket: Bucket): string {
  const isMidnight = new Date(ms).getHours() === 0;
  return formatMoment(ms, bucket === 'hour' && !isMidnight ? 'hour' : 'date');
}

/** The start of an hour, a day or a week. */
export function formatColumn(ms: number, bucket: Bucket): string {
  return formatMoment(ms, bucket === 'hour' ? 'dayTime' : 'day');
}

const spans = [
  [86_400_000, 'day', 3_600_000, 'hour'],
  [3_600_000, 'hour', 60_000, 'minute'],
  [60_000, 'minute', 1000, 'second'],
] as const;

/** A duration in its two largest units: 3 days 4 hr, 2 min 5 sec, 4.2 sec. */
export function formatSpan(ms: number): string {
  const found = spans.find(([size]) => ms >= size);
  if (!found) return formatUnit(ms / 1000, 'second', ms < 9950 ? 1 : 0);
  const [large, largeName, small, smallName] = found;
  const first = Math.floor(ms / large);
  const rest = Math.floor((ms - first * large) / small);
  const firstText = formatUnit(first, largeName);
  return rest === 0 ? firstText : `${firstText} ${formatUnit(rest, smallName)}`;
}
