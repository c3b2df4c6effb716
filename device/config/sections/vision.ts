import { z } from 'zod';

export const vision = z
  .strictObject({
    memoryLimitMb: z
      .int()
      .min(200)
      .max(16_000)
      .default(400)
      .meta({ unit: 'megabytes' })
      .describe('Maximum private memory of the vision process. Above it the process is restarted.'),
  })
  .prefault({});
