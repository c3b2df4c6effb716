import { z } from 'zod';

export const visits = z
  .strictObject({
    gapMs: z
      .int()
      .min(200)
      .max(60_000)
      .default(2000)
      .meta({ unit: 'milliseconds' })
      .describe('Time without a detection of the person after which a visit ends.'),
    minDwellMs: z
      .int()
      .min(0)
      .max(60_000)
      .default(500)
      .meta({ unit: 'milliseconds' })
      .describe('Minimum duration of a visit; shorter ones are not logged.'),
  })
  .prefault({});
