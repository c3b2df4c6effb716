import type { Hono, MiddlewareHandler } from 'hono';
import type { Config } from '../../config/schema.ts';
import type { Clock } from '../../core/clock.ts';
import type { Log } from '../../core/log.ts';
import type { Bodies } from '../bodies/bodies.ts';
import { authenticate, guard, guardCookies } from './authenticate.ts';
import { Claim } from './claim.ts';
import { endWithSession } from './end-with-session.ts';
import { limitBody } from './limit-body.ts';
import { limitRate } from './limit-rate.ts';
import { LoginLinks } from './links.ts';
import { LoopbackTrust } from './loopback.ts';
import { sessionRoutes } from './session-routes.ts';
import { Sessions } from './sessions.ts';

export { requireRole } from './require-role.ts';
export type { Role } from './role.ts';

export interface Auth {
  /** Runs before all routes, in this order: identifies the caller, and admits viewers only beyond the public paths. */
  readonly middleware: readonly MiddlewareHandler[];
  /** For /api/v1/session. */
  readonly routes: Hono;
}

export interface AuthDeps {
  readonly config: Pick<Config, 'http' | 'dataDir'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly bodies: Bodies;
  /** Default: links with a new random key, so that no valid link exists. */
  readonly links?: LoginLinks;
}

export function createAuth({ config, clock, log, bodies, links = new LoginLinks(() => clock.now()) }: AuthDeps): Auth {
  const { http } = config;
  const sessions = new Sessions({ clock, idleMs: http.sessionHours * 3_600_000 });
  return {
    middleware: [
      limitRate(clock),
      authenticate(http, sessions, new LoopbackTrust(http.loopbackLogin, log)),
      guard,
      guardCookies,
      limitBody(bodies),
      endWithSession,
    ],
    routes: sessionRoutes({ http, sessions, links, claim: new Claim(config, log), clock, log }),
  };
}
