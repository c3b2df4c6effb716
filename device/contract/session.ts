import { z } from '@hono/zod-openapi';

export const whoSchema = z
  .object({
    role: z.enum(['viewer', 'operator']).nullable(),
    by: z.enum(['nothing', 'loopback', 'token', 'session']).describe('Credential that grants the role.'),
    expires: z.number().optional().describe('When the session ends unless it is used, ms since 1970 (UTC).'),
    password: z.boolean().describe('Whether the operator has a password.'),
    claim: z
      .object({ code: z.string().optional().describe('For callers on the device itself: the code to show.') })
      .optional()
      .describe('Present while nobody has claimed the device: a claim code sets the password.'),
  })
  .openapi('Who');
