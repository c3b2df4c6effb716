import { formatUnit } from '../../language/units.ts';

/** Round durations, in seconds, up to ten hours. */
const tops = [10, 20, 30, 60, 120, 180, 300, 600, 900, 1200, 1800, 3600, 7200, 10_800, 18_000, 36_000] as const;
const largest = 36_000;

/** Upper end of a chart's scale: the next round duration, in seconds. */
export function topOf(maxSeconds: number): number {
  return tops.find((top) => top >= maxSeconds) ?? Math.ceil(maxSeconds / largest) * largest;
}

/** 30 sec, 10 min, 2 hr. */
export function formatTop(seconds: number): string {
  if (seconds < 60) return formatUnit(seconds, 'second');
  return seconds < 3600 ? formatUnit(seconds / 60, 'minute') : formatUnit(seconds / 3600, 'hour');
}
