import { z } from '@hono/zod-openapi';
import { cardSchema } from '../core/model-card.ts';
import { asWritten } from './plan.ts';

export const modelSchema = z
  .object({
    card: asWritten(
      z
        .looseObject({
          ...cardSchema.shape,
          // The points are tuples, which the generator cannot express in OpenAPI 3.1.
          crop: z
            .looseObject({})
            .describe('Mapping from the box and landmarks of the detector to the crop for the model.'),
        })
        .describe(
          'Model card as the device reads it. `metrics` holds a confusion matrix per precision and question; `answers` names the question of the labels. Rows are true labels, columns predicted labels.',
        ),
    ),
    inUse: z.object({
      precision: z.enum(['fp32', 'int8']).optional(),
      detector: z.string().optional(),
    }),
  })
  .openapi('Model');
