import type { MiddlewareHandler } from 'hono';
import type { Clock } from '../../core/clock.ts';
import { Limiter } from '../../core/limiter.ts';
import { problem } from '../answers/json.ts';
import { peerOf } from './peer.ts';

/** A burst for several pages opened at once, then 50 requests a second: more than any page or dashboard sends. */
const requestRate = { burst: 300, everyMs: 20 } as const;

/** Limits the requests of each caller. The device's own screen is exempt. */
export function limitRate(clock: Clock): MiddlewareHandler {
  const limiter = new Limiter(clock, requestRate);
  return async (c, next) => {
    const peer = peerOf(c);
    const waitMs = peer.isThisDevice ? 0 : limiter.take(peer.caller);
    if (waitMs === 0) return next();
    return problem(c, {
      status: 429,
      title: 'Too many requests',
      detail: `Expected at most ${1000 / requestRate.everyMs} requests a second from one machine`,
      headers: { 'Retry-After': String(Math.ceil(waitMs / 1000)) },
    });
  };
}
