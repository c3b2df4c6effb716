import { z } from '@hono/zod-openapi';

export const whoSchema = z
  .object({
    role: z.enum(['viewer', 'operator']).nullable(),
    by: z.enum(['nothing', 'loopback', 'token', 'session']).describe('What for it was believed.'),
    expires: z.number().optional().describe('When the session ends unless it is used, ms since 1970.'),
    password: z.boolean().describe('Whether there is a password to log in with.'),
  })
  .openapi('Who');
