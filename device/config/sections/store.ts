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
    retentionDays: z
      .int()
      .min(1)
      .max(3650)
      .default(30)
      .meta({ unit: 'days' })
      .describe('Age after which rows of the log are deleted.'),
  })
  .prefault({});
