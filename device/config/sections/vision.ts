import { z } from 'zod';

export const vision = z
  .strictObject({
    memoryLimitMb: z
      .int()
      .min(200)
      .max(16_000)
      .default(400)
      .meta({ unit: 'megabytes' })
      .describe('The vision process is restarted when it needs more memory of its own.'),
  })
  .prefault({});
