import { z } from '@hono/zod-openapi';
import { boxSchema, expressionShape } from './reading.ts';

export const classifiedSchema = z
  .object({
    width: z.int().describe('In pixels, after rotation by the EXIF data.'),
    height: z.int(),
    faces: z
      .array(
        z.object({
          box: boxSchema,
          score: z.number(),
          ...expressionShape,
          reject: z
            .number()
            .optional()
            .describe('Probability that this is not a face, or that people could not name its expression.'),
        }),
      )
      .readonly(),
    ms: z.number().describe('Duration of decoding, detection and classification, in ms.'),
  })
  .openapi('Classified');
