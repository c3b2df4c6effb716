import { z } from '@hono/zod-openapi';
import { buckets } from '../../contract/history.ts';
import { exportFormats } from '../../core/exports.ts';
import type { Cursor } from '../../core/store.ts';
import { moment, queryOf, wholeNumber } from './query.ts';

const span = {
  from: moment('Start, inclusive').optional(),
  to: moment('End, exclusive; default: now').optional(),
  label: z
    .string()
    .min(1)
    .max(64)
    .optional()
    .openapi({ description: 'Only rows with this label; for visits the dominant label.' }),
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
  .openapi({ description: 'csv: a download with all rows of the range unless `limit` is given. Default: json.' });

/** `minutes` back from now, or `from` (inclusive) and `to` (exclusive). */
export const rowsQuery = queryOf({
  minutes: wholeNumber(1, 44_640, 'Range in minutes back from now, instead of from and to. Default: 10.').optional(),
  ...span,
  limit: wholeNumber(1, 10_000, 'Maximum number of rows. Default: 5000.').optional(),
  cursor: cursor.optional().openapi({
    type: 'string',
    pattern: '^\\d{1,15}-\\d{1,15}$',
    description: 'Cursor of the next, older page: `next` of the answer before.',
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
  bucket: z.enum(buckets, { error: `one of ${buckets.join(', ')}` }).openapi({ description: 'Length of a bucket.' }),
  ...span,
  tz: z
    .string()
    .max(64)
    .refine(isTimeZone, zoneExpected)
    .optional()
    .openapi({ description: 'Time zone in which days begin. Default: time zone of the device.', example: 'UTC' }),
  format,
}).refine(inOrder, { path: ['from'], error: 'a time before to' });

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    // Intl throws a RangeError for an unknown name.
    return false;
  }
}

export const exportQuery = queryOf({
  format: z
    .enum(exportFormats, { error: `one of ${exportFormats.join(', ')}` })
    .optional()
    .openapi({ description: 'Default: csv. jsonl is JSON Lines, one object per line.' }),
  from: moment('Start, inclusive; default: the oldest row').optional(),
  to: moment('End, exclusive; default: now').optional(),
}).refine(inOrder, { path: ['from'], error: 'a time before to' });

/** Default range, in minutes back from now. */
const defaultMinutes = 10;
const defaultLimit = 5000;

export interface Range {
  readonly from: number;
  readonly to: number;
  readonly limit: number;
}

/** The range of a query, with the defaults. */
export function rangeOf({ minutes, from, to, limit }: z.output<typeof rowsQuery>, now: number): Range {
  // One ms past now: the end is exclusive, and a row of the present millisecond belongs to the range.
  const end = to ?? now + 1;
  return {
    from: from ?? Math.max(0, end - (minutes ?? defaultMinutes) * 60_000),
    to: end,
    limit: limit ?? defaultLimit,
  };
}
