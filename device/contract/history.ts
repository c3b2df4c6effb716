import { z } from '@hono/zod-openapi';
import { happyShareSchema, sampleSchema, visitSchema } from './reading.ts';

/** What every page of rows says beside its rows. */
export const pageSchema = z.object({
  from: z.number(),
  to: z.number(),
  limit: z.int(),
  truncated: z.boolean().describe('There are older rows in the range.'),
  next: z.string().optional().describe('`cursor` of the page of older rows, where there is one.'),
});

export const samplesSchema = z
  .object({ ...pageSchema.shape, samples: z.array(sampleSchema).readonly() })
  .openapi('Samples');
export const visitsSchema = z
  .object({ ...pageSchema.shape, visits: z.array(visitSchema).readonly() })
  .openapi('Visits');

export const buckets = ['minute', 'hour', 'day', 'week'] as const;
export type Bucket = (typeof buckets)[number];

export const historySchema = z
  .object({
    bucket: z.enum(buckets),
    tz: z.string(),
    from: z.number(),
    to: z.number(),
    happyShare: happyShareSchema.describe('Of all buckets together, counted as in each of them.'),
    buckets: z
      .array(
        z.object({
          start: z.number().describe('ms since 1970. The first and the last bucket may reach beyond the range.'),
          end: z.number(),
          samples: z.int().describe('Faces, counted once a second.'),
          counts: z.record(z.string(), z.int()).readonly().describe('Samples per label.'),
          happyShare: happyShareSchema.describe(
            'Samples named happy among the samples with a name; null without one, and where `label` is asked for.',
          ),
          visits: z.int().describe('That began in it.'),
          dwellMs: z.number().describe('Of these together.'),
        }),
      )
      .readonly(),
  })
  .openapi('History');
