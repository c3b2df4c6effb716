import { z } from 'zod';
import { sensitivities } from '../../core/labels.ts';
import { live } from '../live-field.ts';

export const classify = z
  .strictObject({
    model: z
      .string()
      .regex(/^[a-z0-9][a-z0-9.-]*$/, 'the name of a model card')
      .default('residual-cnn')
      .describe('Name of the model card.'),
    precision: z
      .enum(['auto', 'fp32', 'int8'])
      .default('auto')
      .describe('Precision of the model. auto: the faster one on this board.'),
    threads: z
      .int()
      .min(0)
      .max(16)
      .default(0)
      .describe(
        'Number of threads of a classification. 0: two where a classification is slow on this board and two threads are much faster, otherwise one.',
      ),
    uncertain: live(
      z
        .boolean()
        .default(true)
        .describe(
          'A face for which the model is uncertain gets no expression, if the model card has limits for that. false: every face gets its most probable expression.',
        ),
    ),
    sensitivity: live(
      z
        .enum(sensitivities)
        .default('balanced')
        .describe(
          'calm: only clear expressions get a label; for places where most people pass by. balanced: a calm face rarely gets the label angry or sad, and a posed expression gets its label. expressive: slight expressions get a label too, with more mistakes. Works with models whose card has operating points.',
        ),
    ),
    mirror: live(
      z
        .boolean()
        .default(true)
        .describe(
          'Mirrors every second frame of a face for the model. On average this is as good as two classifications per frame.',
        ),
    ),
  })
  .prefault({});
