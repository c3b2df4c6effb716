import { z } from '@hono/zod-openapi';
import { buckets } from '../../contract/history.ts';
import type { Cursor } from '../../core/store.ts';
import { moment, queryOf, wholeNumber } from './query.ts';

const span = {
  from: moment('First moment').optional(),
  to: moment('End, exclusive; now where none is given').optional(),
  label: z
    .string()
    .min(1)
    .max(64)
    .optional()
    .openapi({ description: 'Only rows of this label; visits by the dominant one.' }),
};

const cursorExpected = 'the value of `next` in an earlier answer';
const cursor = z
  .string({ error: cursorExpected })
  .regex(/^\d{1,15}-\d{1,15}$/, cursorExpected)
  .transform((text): Cursor => {
    const [ts, n] = text.split('-').map(Number);
    return { ts: ts!, n: n! };
  });

const formats = ['json', 'csv'] as const;
const format = z
  .enum(formats, { error: 'json or csv' })
  .optional()
  .openapi({ description: 'csv: a download; all rows of the range where no limit is given.' });

/** `minutes` back from now, or `from` (inclusive) and `to` (exclusive). */
export const rowsQuery = queryOf({
  minutes: wholeNumber(
    1,
    44_640,
    'So many minutes back from now, instead of from and to; 10 where none is given.',
  ).optional(),
  ...span,
  limit: wholeNumber(1, 10_000, 'Most rows; 5000 where none is given.').optional(),
  cursor: cursor.optional().openapi({
    type: 'string',
    pattern: '^\\d{1,15}-\\d{1,15}$',
    description: 'For the next, older page: the value of `next`.',
  }),
  format,
})
  .refine((query) => query.minutes === undefined || (query.from === undefined && query.to === undefined), {
    path: ['minutes'],
    error: 'either minutes, or from and to',
  })
  .refine(inOrder, { path: ['from'], error: 'a time before to' });

function inOrder({ from, to }: { from?: number; to?: number }): boolean {
  return from === undefined || to === undefined || from < to;
}

const zoneExpected = 'a time zone such as Europe/Berlin';

export const historyQuery = queryOf({
  bucket: z
    .enum(buckets, { error: `one of ${buckets.join(', ')}` })
    .openapi({ description: 'A row for each of these.' }),
  ...span,
  tz: z
    .string()
    .max(64)
    .refine(isTimeZone, zoneExpected)
    .optional()
    .openapi({ description: 'Time zone by which days begin; that of the device where none is given.', example: 'UTC' }),
  format,
}).refine(inOrder, { path: ['from'], error: 'a time before to' });

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    // A name that is not known is a RangeError.
    return false;
  }
}

/** Where nothing is asked for: the last ten minutes. */
const defaultMinutes = 10;
const defaultLimit = 5000;

export interface Range {
  readonly from: number;
  readonly to: number;
  readonly limit: number;
}

/** The range that a query asks for. */
export function rangeOf({ minutes, from, to, limit }: z.output<typeof rowsQuery>, now: number): Range {
  // One past now, because the end is exclusive and a row of this very millisecond belongs to "until now".
  const end = to ?? now + 1;
  return {
    from: from ?? Math.max(0, end - (minutes ?? defaultMinutes) * 60_000),
    to: end,
    limit: limit ?? defaultLimit,
  };
}
