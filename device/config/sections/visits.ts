import { z } from 'zod';

export const visits = z
  .strictObject({
    gapMs: z
      .int()
      .min(200)
      .max(60_000)
      .default(2000)
      .meta({ unit: 'milliseconds' })
      .describe('A visit ends when its person has not been seen for this long.'),
    minDwellMs: z
      .int()
      .min(0)
      .max(60_000)
      .default(500)
      .meta({ unit: 'milliseconds' })
      .describe('Shorter visits are not logged.'),
  })
  .prefault({});
