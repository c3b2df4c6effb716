import { z } from 'zod';
import { sensitivities } from '../../core/labels.ts';
import { live } from '../live-field.ts';

export const classify = z
  .strictObject({
    model: z
      .string()
      .regex(/^[a-z0-9][a-z0-9.-]*$/, 'the name of a model card')
      .default('residual-cnn')
      .describe('Model card to use.'),
    precision: z.enum(['auto', 'fp32', 'int8']).default('auto').describe('auto: whichever is faster on this board.'),
    threads: z
      .int()
      .min(0)
      .max(16)
      .default(0)
      .describe('Threads of a classification. 0: two where it takes long on this board and gains much, else one.'),
    uncertain: live(
      z
        .boolean()
        .default(true)
        .describe(
          'A face that the model cannot tell stays without an expression, where its card has limits for that. false: it always gets the most probable one.',
        ),
    ),
    sensitivity: live(
      z
        .enum(sensitivities)
        .default('balanced')
        .describe(
          'calm: only clear expressions get a label, for places where most people pass by. balanced: a calm face is rarely called angry or sad, and a posed expression is seen. expressive: slight expressions get a label too, with more mistakes. Has an effect with models whose card has operating points.',
        ),
    ),
    mirror: live(
      z
        .boolean()
        .default(true)
        .describe(
          'The model sees every other frame of a face mirrored. On average this is as good as classifying each frame twice.',
        ),
    ),
  })
  .prefault({});
