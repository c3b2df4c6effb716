import { z } from 'zod';

export const store = z
  .strictObject({
    sampleMs: z
      .int()
      .min(200)
      .max(60_000)
      .default(1000)
      .meta({ unit: 'milliseconds' })
      .describe('Interval between two rows in the log for one face.'),
    samplesDays: days(1, 3650)
      .default(1)
      .describe('Age after which samples are deleted: the rows per face and sampling interval.'),
    visitsDays: days(1, 3650).default(30).describe('Age after which visits are deleted.'),
    minutesDays: days(1, 3650).default(90).describe('Age after which the sums of each minute are deleted.'),
    hoursDays: days(1, 36_500).default(1825).describe('Age after which the sums of each hour are deleted.'),
    retentionDays: days(1, 3650)
      .optional()
      .describe('Deprecated. Upper limit of samplesDays, visitsDays, minutesDays and hoursDays.'),
    outboxLimit: z
      .int()
      .min(1000)
      .max(10_000_000)
      .default(200_000)
      .describe('Maximum number of records that wait for the broker. Above it the oldest visits are dropped first.'),
  })
  .prefault({});

function days(min: number, max: number) {
  return z.int().min(min).max(max).meta({ unit: 'days' });
}
