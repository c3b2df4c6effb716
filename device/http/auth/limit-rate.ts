import type { MiddlewareHandler } from 'hono';
import type { Clock } from '../../core/clock.ts';
import { problem } from '../answers/json.ts';
import { Limiter } from './limiter.ts';
import { peerOf } from './peer.ts';

/** Some pages opened at once, then 50 requests a second: more than any page or dashboard asks. */
const requests = { burst: 300, everyMs: 20 } as const;

/** No machine can keep the device from its work by asking. The device's own screen is not counted. */
export function limitRate(clock: Clock): MiddlewareHandler {
  const limiter = new Limiter(clock, requests);
  return async (c, next) => {
    const peer = peerOf(c);
    const waitMs = peer.isThisDevice ? 0 : limiter.take(peer.caller);
    if (waitMs === 0) return next();
    return problem(c, {
      status: 429,
      title: 'Too many requests',
      detail: `Expected at most ${1000 / requests.everyMs} requests a second of one machine`,
      headers: { 'Retry-After': String(Math.ceil(waitMs / 1000)) },
    });
  };
}
