import type { Config } from './schema.ts';

/** Days that the rows of each kind are kept. The deprecated `retentionDays` is the upper limit of all. */
export function keepOf({ samplesDays, visitsDays, minutesDays, hoursDays, retentionDays }: Config['store']) {
  const max = retentionDays ?? Number.POSITIVE_INFINITY;
  return {
    samplesDays: Math.min(samplesDays, max),
    visitsDays: Math.min(visitsDays, max),
    minutesDays: Math.min(minutesDays, max),
    hoursDays: Math.min(hoursDays, max),
  };
}
