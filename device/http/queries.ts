import type { Context } from 'hono';
import { z } from 'zod';
import { type ProblemDetail, problem } from './problem.ts';

const wallTime = z
  .string()
  .transform((text) => (/^\d{1,16}$/.test(text) ? Number(text) : isoTime.test(text) ? Date.parse(text) : Number.NaN))
  .pipe(z.number().int('milliseconds since 1970, or a time such as 2026-01-31T12:00:00Z'));

const isoTime = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2}))?$/;

/** A whole number written with digits only; `Number('')`, `1e3` and `0x10` are not what somebody meant. */
function wholeNumber(least: number, most: number) {
  const expected = `a whole number from ${least} to ${most}`;
  return z
    .string()
    .regex(/^\d{1,9}$/, expected)
    .transform(Number)
    .pipe(z.number().min(least, expected).max(most, expected));
}

/** `minutes` back from now, or `from` (inclusive) and `to` (exclusive). */
export const rangeQuery = z
  .strictObject({
    minutes: wholeNumber(1, 44_640).optional(),
    from: wallTime.optional(),
    to: wallTime.optional(),
    limit: wholeNumber(1, 10_000).default(5000),
  })
  .refine((query) => query.minutes === undefined || (query.from === undefined && query.to === undefined), {
    path: ['minutes'],
    error: 'either minutes, or from and to',
  })
  .refine((query) => query.from === undefined || query.to === undefined || query.from < query.to, {
    path: ['from'],
    error: 'a time before to',
  });

/** Where nothing is asked for: the last ten minutes. */
const defaultMinutes = 10;

export interface Range {
  readonly from: number;
  readonly to: number;
  readonly limit: number;
}

/** The range that a query asks for, or the answer that says what is wrong with it. */
export function parseRange(c: Context, now: number): Range | Response {
  const given = c.req.query();
  const parsed = rangeQuery.safeParse(given);
  if (!parsed.success) {
    return problem(c, {
      status: 400,
      title: 'Bad query',
      detail: 'The query is not understood',
      errors: parsed.error.issues.flatMap((issue) => describeIssue(issue, given)),
    });
  }
  const { minutes, from, to, limit } = parsed.data;
  // One past now, because the end is exclusive and a row of this very millisecond belongs to "until now".
  const end = to ?? now + 1;
  return { from: from ?? end - (minutes ?? defaultMinutes) * 60_000, to: end, limit };
}

function describeIssue(issue: z.core.$ZodIssue, given: Record<string, string>): ProblemDetail[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: key,
      value: given[key],
      expected: `one of ${Object.keys(rangeQuery.shape).join(', ')}`,
    }));
  }
  const path = issue.path.join('.');
  const expected =
    issue.code === 'invalid_type' ? 'milliseconds since 1970, or a time such as 2026-01-31T12:00:00Z' : issue.message;
  return [{ path, value: given[path], expected }];
}
