import { z } from '@hono/zod-openapi';

export const privacySchema = z
  .object({
    purpose: z.string(),
    items: z
      .array(
        z.object({
          code: z.string().describe('Stable key for translations.'),
          text: z.string(),
          params: z
            .record(z.string(), z.union([z.string(), z.number()]))
            .optional()
            .describe('Values that occur in the text.'),
        }),
      )
      .readonly(),
  })
  .openapi('Privacy');
