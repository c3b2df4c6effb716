import type { z } from 'zod';
import type { historySchema } from '../../../../device/http/schemas/history.ts';
import { ask } from '../../api/client.ts';
import { dayOf } from './today.ts';

type Bucket = z.output<typeof historySchema>['buckets'][number];

const hourMs = 3_600_000;

/** Minute by minute, what was logged in the last hour. */
export function fetchLastHour(now: number): Promise<readonly Bucket[]> {
  return fetchBuckets('minute', Math.max(0, now - hourMs), now);
}

/** Hour by hour, what was logged today. */
export function fetchToday(now: number): Promise<readonly Bucket[]> {
  return fetchBuckets('hour', dayOf(now).from, now);
}

/** By the time zone of this screen. */
async function fetchBuckets(bucket: 'minute' | 'hour', from: number, to: number): Promise<readonly Bucket[]> {
  const { timeZone: tz } = new Intl.DateTimeFormat().resolvedOptions();
  const query = new URLSearchParams({ bucket, from: String(from), to: String(to + 1), tz });
  return (await ask<z.output<typeof historySchema>>(`/history?${query}`)).buckets;
}
