import { z } from '@hono/zod-openapi';
import { perSecond, queryOf } from './query.ts';

const expected = 'a number from 0 to 60';

/** `fps` of the WebSocket. */
export const liveQuery = queryOf({
  fps: z
    .string({ error: expected })
    .regex(/^\d{1,2}(\.\d{1,3})?$/, expected)
    .transform(Number)
    .pipe(z.number().max(60, expected))
    .optional()
    .openapi({
      type: 'number',
      minimum: 0,
      maximum: 60,
      pattern: undefined,
      description: 'Maximum frames per second. 0: only the state, no picture. Default: all frames.',
    }),
});

/** `fps` of the MJPEG stream. */
export const streamQuery = queryOf({
  fps: perSecond(60, 'Maximum frames per second. Default: all frames.').optional(),
});
