import { z } from 'zod';

export const store = z
  .strictObject({
    sampleMs: z
      .int()
      .min(200)
      .max(60_000)
      .default(1000)
      .meta({ unit: 'milliseconds' })
      .describe('Interval between two logged rows of a face.'),
    retentionDays: z
      .int()
      .min(1)
      .max(3650)
      .default(30)
      .meta({ unit: 'days' })
      .describe('Rows older than this are deleted.'),
  })
  .prefault({});
