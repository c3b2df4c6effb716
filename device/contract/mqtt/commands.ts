import { z } from '@hono/zod-openapi';

export const responseBody = z.object({
  transaction: z.string().optional().describe('The one of the request.'),
  command: z.string().describe('Topic of the command below `<mqtt.baseTopic>/<device.name>/`: `request/ping`.'),
  status: z.enum(['ok', 'error']),
  error: z.string().optional().describe('Cause and remedy, in one line.'),
  data: z.record(z.string(), z.unknown()).optional().describe('Results of the command.'),
});
