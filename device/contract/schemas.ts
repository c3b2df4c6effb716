import { z } from '@hono/zod-openapi';

export const schemaListSchema = z
  .object({
    schemas: z
      .array(
        z.object({
          name: z
            .string()
            .describe('Channel and name: `mqtt.visit`. GET /api/v1/schemas/{name} answers with the schema.'),
          description: z.string(),
        }),
      )
      .readonly(),
  })
  .openapi('SchemaList');
