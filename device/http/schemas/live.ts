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
      description: 'Most frames a second; 0: the state alone, no picture. All that come where none is given.',
    }),
});

/** `fps` of the MJPEG stream. */
export const streamQuery = queryOf({
  fps: perSecond(60, 'Most frames a second; all that come where none is given.').optional(),
});
