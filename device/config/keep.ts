import type { Config } from './schema.ts';

/** Days that the rows of each kind are kept. The deprecated `retentionDays` is the upper limit of all. */
export function keepOf({ samplesDays, visitsDays, minutesDays, hoursDays, retentionDays }: Config['store']) {
  const most = retentionDays ?? Number.POSITIVE_INFINITY;
  return {
    samplesDays: Math.min(samplesDays, most),
    visitsDays: Math.min(visitsDays, most),
    minutesDays: Math.min(minutesDays, most),
    hoursDays: Math.min(hoursDays, most),
  };
}
