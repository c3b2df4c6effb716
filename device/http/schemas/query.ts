import { z } from '@hono/zod-openapi';
import { isoTime, parseTime, timeExpected } from '../../core/time-text.ts';

/** The parameters of a query. Unknown parameters are refused and named, because a misspelt filter would return other rows. */
export function queryOf<Shape extends z.core.$ZodShape>(shape: Shape) {
  const names = Object.keys(shape).join(', ');
  const expected = names === '' ? 'no parameter' : `one of ${names}`;
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? expected : undefined),
  });
}

/** A time as milliseconds since 1970, or as ISO 8601 with its UTC offset. */
export function moment(description: string) {
  return z
    .string({ error: timeExpected })
    .transform(parseTime)
    .pipe(z.number({ error: timeExpected }))
    .openapi({
      type: 'string',
      pattern: `^(\\d{1,15}|${isoTime.source.slice(1, -1)})$`,
      description: `${description}: ${timeExpected}.`,
      example: '2026-01-31T12:00:00Z',
    });
}

/** A whole number of digits only. `Number` would also accept '', `1e3` and `0x10`. */
export function wholeNumber(minimum: number, maximum: number, description: string) {
  const expected = `a whole number from ${minimum} to ${maximum}`;
  return z
    .string({ error: expected })
    .regex(/^\d{1,9}$/, expected)
    .transform(Number)
    .pipe(z.number().min(minimum, expected).max(maximum, expected))
    .openapi({ type: 'integer', minimum, maximum, pattern: undefined, description });
}

/** A rate in frames or messages per second. */
export function perSecond(maximum: number, description: string) {
  const expected = `a number from 0.1 to ${maximum}`;
  return z
    .string({ error: expected })
    .regex(/^\d{1,3}(\.\d{1,3})?$/, expected)
    .transform(Number)
    .pipe(z.number().min(0.1, expected).max(maximum, expected))
    .openapi({ type: 'number', minimum: 0.1, maximum, pattern: undefined, description });
}
