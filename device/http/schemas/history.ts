import { z } from '@hono/zod-openapi';
import { moment, queryOf, wholeNumber } from './query.ts';
import { sampleSchema, visitSchema } from './reading.ts';

/** `minutes` back from now, or `from` (inclusive) and `to` (exclusive). */
export const rangeQuery = queryOf({
  minutes: wholeNumber(
    1,
    44_640,
    'So many minutes back from now, instead of from and to; 10 where none is given.',
  ).optional(),
  from: moment('First moment').optional(),
  to: moment('End, exclusive').optional(),
  limit: wholeNumber(1, 10_000, 'Most rows; 5000 where none is given.').optional(),
})
  .refine((query) => query.minutes === undefined || (query.from === undefined && query.to === undefined), {
    path: ['minutes'],
    error: 'either minutes, or from and to',
  })
  .refine((query) => query.from === undefined || query.to === undefined || query.from < query.to, {
    path: ['from'],
    error: 'a time before to',
  });

const answeredRange = { from: z.number(), to: z.number(), limit: z.int(), truncated: z.boolean() };

export const samplesSchema = z
  .object({ ...answeredRange, samples: z.array(sampleSchema).readonly() })
  .openapi('Samples');
export const visitsSchema = z.object({ ...answeredRange, visits: z.array(visitSchema).readonly() }).openapi('Visits');

/** Where nothing is asked for: the last ten minutes. */
const defaultMinutes = 10;
const defaultLimit = 5000;

export interface Range {
  readonly from: number;
  readonly to: number;
  readonly limit: number;
}

/** The range that a query asks for. */
export function rangeOf({ minutes, from, to, limit }: z.output<typeof rangeQuery>, now: number): Range {
  // One past now, because the end is exclusive and a row of this very millisecond belongs to "until now".
  const end = to ?? now + 1;
  return { from: from ?? end - (minutes ?? defaultMinutes) * 60_000, to: end, limit: limit ?? defaultLimit };
}
