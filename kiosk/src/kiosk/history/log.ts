import type { z } from 'zod';
import type { historySchema } from '../../../../device/contract/history.ts';
import { requestApi } from '../../api/client.ts';
import { dayOf, type Logged } from './today.ts';

type Bucket = z.output<typeof historySchema>['buckets'][number];

const hourMs = 3_600_000;

/**
 * The log of the last hour, per minute.
 *
 * @param sampleMs duration that each sample stands for
 */
export function fetchLastHour(now: number, sampleMs: number): Promise<readonly Logged[]> {
  return fetchBuckets('minute', Math.max(0, now - hourMs), now, sampleMs);
}

/** The log of today, per hour. */
export function fetchToday(now: number, sampleMs: number): Promise<readonly Logged[]> {
  return fetchBuckets('hour', dayOf(now).from, now, sampleMs);
}

/** Time zone of this screen. */
async function fetchBuckets(bucket: 'minute' | 'hour', from: number, to: number, sampleMs: number): Promise<Logged[]> {
  const { timeZone: tz } = new Intl.DateTimeFormat().resolvedOptions();
  const query = new URLSearchParams({ bucket, from: String(from), to: String(to + 1), tz });
  const { buckets } = await requestApi<z.output<typeof historySchema>>(`/history?${query}`);
  return buckets.map((each) => toLogged(each, sampleMs));
}

export function toLogged(
  { start, counts, visits }: Pick<Bucket, 'start' | 'counts' | 'visits'>,
  sampleMs: number,
): Logged {
  const seconds = Object.entries(counts).map(([label, count]) => [label, (count * sampleMs) / 1000]);
  return { start, seconds: Object.fromEntries(seconds), visits };
}
