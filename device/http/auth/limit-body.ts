import type { MiddlewareHandler } from 'hono';
import type { Bodies } from '../bodies/bodies.ts';

/** Enough for any JSON that is sent here. */
const usualBytes = 64 * 1024;
const bytesOf: Readonly<Record<string, number>> = {
  '/api/v1/session': 4096,
  '/api/v1/heartbeat': 4096,
  '/api/v1/settings': 16_384,
};

/** Routes that read larger bodies, and count them themselves. */
const limitedByThemselves = new Set(['/api/v1/classify']);

/** Reads a body within the budget for all of them, before its route sees it; refuses what is larger than what is expected. */
export function limitBody(bodies: Bodies): MiddlewareHandler {
  return async (c, next) => {
    const hasNone = c.req.method === 'GET' || c.req.method === 'HEAD' || c.req.raw.body === null;
    if (hasNone || limitedByThemselves.has(c.req.path)) return next();
    const body = bodies.open(c, bytesOf[c.req.path] ?? usualBytes);
    try {
      const bytes = await body.bytes();
      await bodies.turn();
      // Hono's own cache: `c.req.json()` and the validators take it from there.
      Object.assign(c.req.bodyCache, { arrayBuffer: Promise.resolve(Uint8Array.from(bytes).buffer) });
      await next();
    } finally {
      body.release();
    }
  };
}
