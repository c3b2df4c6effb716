import type { MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { problem } from '../problem.ts';

/** Enough for any JSON that is sent here. */
const usualBytes = 64 * 1024;

/** Routes that take more check that themselves. */
const limitedByThemselves = new Set(['/api/v1/classify']);

/** Refuses bodies that are larger than what is expected, before they are read into memory. */
export const limitBody: MiddlewareHandler = (c, next) => {
  const hasNone = c.req.method === 'GET' || c.req.method === 'HEAD';
  return hasNone || limitedByThemselves.has(c.req.path) ? next() : limitUsual(c, next);
};

const limitUsual = bodyLimit({
  maxSize: usualBytes,
  onError: (c) =>
    problem(c, {
      status: 413,
      title: 'Body too large',
      detail: `Expected at most ${usualBytes / 1024} kB`,
    }),
});
