import { z } from '@hono/zod-openapi';

export const loginSchema = z
  .union([
    z.strictObject({ password: z.string().min(1).max(1024) }).describe('The password or a token.'),
    z
      .strictObject({ claim: z.string().min(1).max(64), password: z.string().min(8).max(1024) })
      .describe('The claim code of a device without a password, and the new password of its operator.'),
    z.strictObject({ link: z.string().min(1).max(256) }).describe('The code of a login link of this device.'),
  ])
  .openapi('Login');
