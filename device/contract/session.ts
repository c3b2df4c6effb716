import { z } from '@hono/zod-openapi';

export const whoSchema = z
  .object({
    role: z.enum(['viewer', 'operator']).nullable(),
    by: z.enum(['nothing', 'loopback', 'token', 'session']).describe('Credential that grants the role.'),
    expires: z.number().optional().describe('When the session ends unless it is used, ms since 1970 (UTC).'),
    password: z.boolean().describe('Whether a password for the login is configured.'),
  })
  .openapi('Who');
