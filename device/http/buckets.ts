import type { Bucket } from './schemas/history.ts';

export interface Span {
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/**
 * The minutes, hours, days or weeks (from Monday) of a time zone that the span touches, in order. Days are as long as they
 * are there: 23 or 25 hours where clocks are changed.
 *
 * @param most no more than this many are made, plus one that says that there are
 */
export function bucketsOf({ from, to }: Span, bucket: Bucket, tz: string, most: number): Span[] {
  const zone = new Zone(tz);
  const found: Span[] = [];
  for (let start = startOf(from, bucket, zone); start < to && found.length <= most; ) {
    // From somewhere in the next one back to its start: the step need not be exact.
    const end = startOf(start + nextAfterMs[bucket], bucket, zone);
    found.push({ from: start, to: end });
    start = end;
  }
  return found;
}

const nextAfterMs = { minute: minuteMs, hour: hourMs, day: 1.5 * dayMs, week: 7.5 * dayMs } as const;

function startOf(ts: number, bucket: Bucket, zone: Zone): number {
  if (bucket === 'minute') return Math.floor(ts / minuteMs) * minuteMs;
  const local = ts + zone.offsetAt(ts);
  if (bucket === 'hour') return ts - modulo(local, hourMs);
  const day = Math.floor(local / dayMs);
  // 1970 began on a Thursday.
  const first = bucket === 'week' ? day - modulo(day + 3, 7) : day;
  return zone.instantOf(first * dayMs);
}

/** A time zone of the IANA database, as far as Intl tells it. */
class Zone {
  readonly #format: Intl.DateTimeFormat;

  constructor(name: string) {
    const numeric = {
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    } as const;
    this.#format = new Intl.DateTimeFormat('en-US', { timeZone: name, hourCycle: 'h23', era: 'short', ...numeric });
  }

  /** Local time less UTC, in ms. */
  offsetAt(ts: number): number {
    const parts = Object.fromEntries(this.#format.formatToParts(ts).map(({ type, value }) => [type, value]));
    const of = (part: string) => Number(parts[part]);
    const local = Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'));
    return local - Math.floor(ts / 1000) * 1000;
  }

  /** The instant of a local time, which is given as if it were UTC. Where clocks skip it: the moment of the change. */
  instantOf(local: number): number {
    const guess = local - this.offsetAt(local);
    return local - this.offsetAt(guess);
  }
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by;
}
