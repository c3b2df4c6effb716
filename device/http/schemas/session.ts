import { z } from '@hono/zod-openapi';

export const loginSchema = z
  .union([
    z.strictObject({ password: z.string().min(1).max(1024) }).describe('The password, or a token.'),
    z.strictObject({ link: z.string().min(1).max(256) }).describe('The code of a link that the device made.'),
  ])
  .openapi('Login');

export const whoSchema = z
  .object({
    role: z.enum(['viewer', 'operator']).nullable(),
    by: z.enum(['nothing', 'loopback', 'token', 'session']).describe('What for it was believed.'),
    expires: z.number().optional().describe('When the session ends unless it is used, ms since 1970.'),
    password: z.boolean().describe('Whether there is a password to log in with.'),
  })
  .openapi('Who');
