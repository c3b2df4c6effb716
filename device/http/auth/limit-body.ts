import type { MiddlewareHandler } from 'hono';
import { type Bodies, hasBody } from '../bodies/bodies.ts';

/** Limit for routes without an own limit; larger than any JSON body of the API. */
const usualBytes = 64 * 1024;
const bytesOf: Readonly<Record<string, number>> = {
  '/api/v1/session': 4096,
  '/api/v1/heartbeat': 4096,
  '/api/v1/settings': 16_384,
};

/** Routes that accept larger bodies and enforce their own limit. */
const limitedByThemselves = new Set(['/api/v1/classify']);

/** Reads the body before the route runs, within the budget of all bodies. Rejects a body above the limit of its route. */
export function limitBody(bodies: Bodies): MiddlewareHandler {
  return async (c, next) => {
    if (limitedByThemselves.has(c.req.path) || !hasBody(c)) return next();
    const body = bodies.open(c, bytesOf[c.req.path] ?? usualBytes);
    try {
      const bytes = await body.bytes();
      await bodies.turn();
      // Fill Hono's cache: `c.req.json()` and the validators read from it.
      Object.assign(c.req.bodyCache, { arrayBuffer: Promise.resolve(Uint8Array.from(bytes).buffer) });
      await next();
    } finally {
      body.release();
    }
  };
}
