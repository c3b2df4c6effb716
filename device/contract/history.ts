import { z } from '@hono/zod-openapi';
import { happyShareSchema, sampleSchema, visitSchema } from './reading.ts';

/** Fields of every page of rows beside the rows. */
export const pageSchema = z.object({
  from: z.number(),
  to: z.number(),
  limit: z.int(),
  truncated: z.boolean().describe('Whether the range holds older rows than this page.'),
  next: z.string().optional().describe('`cursor` of the next, older page. Absent on the last page.'),
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
    happyShare: happyShareSchema.describe('Share of happy over all buckets.'),
    buckets: z
      .array(
        z.object({
          start: z.number().describe('ms since 1970 (UTC). The first and the last bucket may extend beyond the range.'),
          end: z.number(),
          samples: z.int().describe('Face-time in sampling intervals (`sampleMs`).'),
          counts: z.record(z.string(), z.int()).readonly().describe('The same per label.'),
          happyShare: happyShareSchema.describe(
            'Samples labelled happy divided by samples with a label other than `uncertain`. Null if there are none, and with `label` in the query.',
          ),
          visits: z.int().describe('Visits that ended in this bucket.'),
          dwellMs: z.number().describe('Total duration of these visits, in ms.'),
        }),
      )
      .readonly(),
  })
  .openapi('History');
