import { z } from '@hono/zod-openapi';
import { cardSchema } from '../core/model-card.ts';
import { asWritten } from './plan.ts';

export const modelSchema = z
  .object({
    card: asWritten(
      z
        .looseObject({
          ...cardSchema.shape,
          // Its points are tuples, which the generator cannot describe in the words of OpenAPI 3.1.
          crop: z
            .looseObject({})
            .describe('How a box and landmarks of the detector map to the crop that the model sees.'),
        })
        .describe(
          'As the device reads it, with the confusion matrix of each precision and question in `metrics` (`answers` names the question of the labels): rows are the true labels, columns the named ones.',
        ),
    ),
    inUse: z.object({
      precision: z.enum(['fp32', 'int8']).optional(),
      detector: z.string().optional(),
    }),
  })
  .openapi('Model');
