import type { Hono, MiddlewareHandler } from 'hono';
import type { Config } from '../../config/schema.ts';
import type { Clock } from '../../core/clock.ts';
import type { Log } from '../../core/log.ts';
import { authenticate, guard, guardCookies } from './authenticate.ts';
import { LoginLinks } from './links.ts';
import { sessionRoutes } from './session-routes.ts';
import { Sessions } from './sessions.ts';

export { requireRole } from './require-role.ts';
export type { Principal, Role } from './role.ts';

export interface Auth {
  /** To stand before everything: find out who asks, and let only viewers beyond the public paths. */
  readonly middleware: readonly [MiddlewareHandler, MiddlewareHandler, MiddlewareHandler];
  /** For /api/v1/session. */
  readonly routes: Hono;
  /** What `mien access link` makes links with. */
  readonly linkKey: string;
}

export function createAuth({ http, clock, log }: { http: Config['http']; clock: Clock; log: Log }): Auth {
  const sessions = new Sessions({ clock, idleMs: http.sessionHours * 3_600_000 });
  const links = new LoginLinks(() => clock.now());
  return {
    middleware: [authenticate(http, sessions), guard, guardCookies],
    routes: sessionRoutes({ http, sessions, links, clock, log }),
    linkKey: links.key,
  };
}
