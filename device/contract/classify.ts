import { z } from '@hono/zod-openapi';
import { boxSchema, labelSchema, probabilitiesSchema, probabilitySchema, reasonSchema } from './reading.ts';

export const classifiedSchema = z
  .object({
    width: z.int().describe('Of the picture as it is shown: turned as its EXIF data say.'),
    height: z.int(),
    faces: z
      .array(
        z.object({
          box: boxSchema,
          score: z.number(),
          label: labelSchema,
          reason: reasonSchema,
          probability: probabilitySchema,
          probabilities: probabilitiesSchema,
          reject: z
            .number()
            .optional()
            .describe('Probability that this is no face, or one that people could not tell.'),
        }),
      )
      .readonly(),
    ms: z.number().describe('How long decoding and looking took.'),
  })
  .openapi('Classified');
