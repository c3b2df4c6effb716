import type { Bucket } from '../../contract/history.ts';

export interface Span {
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/**
 * The minutes, hours, days or weeks (from Monday) of a time zone that overlap the span, in order. A day has 23 or 25 hours
 * at a change of clocks.
 *
 * @param max limit of the buckets; one more shows that there are too many
 */
export function bucketsOf({ from, to }: Span, bucket: Bucket, tz: string, max: number): Span[] {
  const zone = new Zone(tz);
  const found: Span[] = [];
  for (let start = startOf(from, bucket, zone); start < to && found.length <= max; ) {
    // Step into the next bucket, then back to its start: the step need not be exact.
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
  if (bucket === 'hour') return zone.sinceChange(ts - modulo(local, hourMs), ts);
  const day = Math.floor(local / dayMs);
  // 1970 began on a Thursday.
  const first = bucket === 'week' ? day - modulo(day + 3, 7) : day;
  return zone.firstInstantFrom(first * dayMs);
}

/** A time zone of the IANA database, from Intl. Local times are in ms, as if they were UTC. */
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

  /** Local time minus UTC, in ms. */
  offsetAt(ts: number): number {
    const parts = Object.fromEntries(this.#format.formatToParts(ts).map(({ type, value }) => [type, value]));
    const of = (part: string) => Number(parts[part]);
    const local = Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'));
    return local - Math.floor(ts / 1000) * 1000;
  }

  /** The last change of the clocks between `start` and `ts`, or else `start`. */
  sinceChange(start: number, ts: number): number {
    const offset = this.offsetAt(ts);
    if (this.offsetAt(start) === offset) return start;
    return firstWhere((instant) => this.offsetAt(instant) === offset, start, ts);
  }

  /**
   * The first instant of a local time. A local time that occurs twice has its earlier instant. For a skipped local time
   * (midnight in Santiago, Havana and on the Azores) it is the instant at which the clocks are set forward.
   */
  firstInstantFrom(local: number): number {
    const offsets = [this.offsetAt(local - dayMs), this.offsetAt(local + dayMs)];
    const instants = offsets.map((offset) => local - offset).sort((a, b) => a - b);
    const found = instants.find((instant) => instant + this.offsetAt(instant) === local);
    if (found !== undefined) return found;
    const [earliest = local, latest = local] = instants;
    return firstWhere((instant) => instant + this.offsetAt(instant) >= local, earliest - dayMs, latest);
  }
}

/** The first instant in (from, to] where `holds` is true; it stays true up to `to`. Changes of clocks fall on full seconds. */
function firstWhere(holds: (instant: number) => boolean, from: number, to: number): number {
  let [before, after] = [Math.floor(from / 1000), Math.floor(to / 1000)];
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (holds(middle * 1000)) after = middle;
    else before = middle;
  }
  return after * 1000;
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by;
}
