import type { Context, MiddlewareHandler } from 'hono';
import type { Config } from '../../config/schema.ts';
import { problem } from '../answers/json.ts';
import { readSessionCookie } from './cookie.ts';
import type { LoopbackTrust } from './loopback.ts';
import { challenge, requireRole } from './require-role.ts';
import type { Principal, Role } from './role.ts';
import { isEqual } from './secrets.ts';
import type { Sessions } from './sessions.ts';

/** Paths served without authentication. */
const publicPaths = new Set(['/login', '/privacy', '/healthz', '/favicon.svg', '/api/v1/session', '/api/v1/privacy']);

const anonymous: Principal = { role: undefined, by: 'nothing' };

/** Sets the `principal` of a request: by token, by session, or because the request comes from the device itself. */
export function authenticate(http: Config['http'], sessions: Sessions, loopback: LoopbackTrust): MiddlewareHandler {
  return async (c, next) => {
    const authorization = c.req.header('authorization');
    // Call it for every request: it also detects proxies.
    const isTrusted = loopback.trusts(c);
    if (authorization !== undefined) {
      const basic = passwordOfBasic(authorization);
      const role = roleOfToken(basic ?? authorization.replace(/^Bearer +/i, ''), http);
      // A wrong token is an error, not an anonymous request: the client must learn that its token is wrong.
      if (role === undefined) return refuseToken(c);
      // A browser that stores a viewer's token as Basic password sends it with every request. A session as operator
      // takes precedence over it.
      const session = basic === undefined || role === 'operator' ? undefined : bySession(c, sessions);
      const byToken: Principal = { role, by: 'token', ...(basic !== undefined && { isAmbient: true }) };
      c.set('principal', session?.role === 'operator' ? session : byToken);
    } else {
      c.set('principal', bySession(c, sessions) ?? (isTrusted ? { role: 'viewer', by: 'loopback' } : anonymous));
    }
    if (authorization !== undefined || c.get('principal').by === 'session') keepConnection(c);
    return next();
  };
}

/**
 * The password of Basic (RFC 7617), with any user name. Media players and camera integrations of other programs support
 * no other scheme.
 */
function passwordOfBasic(authorization: string): string | undefined {
  const [, encoded] = /^Basic +([A-Za-z0-9+/=]+)$/i.exec(authorization) ?? [];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString();
  return text.includes(':') ? text.slice(text.indexOf(':') + 1) : '';
}

/** Exempts an authenticated connection from being closed to make room for another one. */
function keepConnection(c: Context): void {
  const { keep } = (c.env ?? {}) as { keep?: () => void };
  keep?.();
}

/** The role of a token; undefined for an unknown token. */
export function roleOfToken(given: string, { token, viewerToken }: Config['http']): Role | undefined {
  // Always compare both, so that the response time reveals nothing.
  const isOperator = token !== undefined && isEqual(given, token);
  const isViewer = viewerToken !== undefined && isEqual(given, viewerToken);
  return isOperator ? 'operator' : isViewer ? 'viewer' : undefined;
}

/** Requires the role viewer on all but the public paths. Routes for operators add their own check. */
export const guard: MiddlewareHandler = async (c, next) => {
  if (publicPaths.has(c.req.path) || c.req.path.startsWith('/assets/')) return next();
  return requireRole('viewer')(c, next);
};

/**
 * Protects against cross-site request forgery. A browser adds the cookie, and a stored Basic password, to every request,
 * whichever page triggers it. A request that changes something must therefore also carry a header that only a page of this
 * origin can set.
 */
export const guardCookies: MiddlewareHandler = async (c, next) => {
  const { by, isAmbient } = c.get('principal');
  const isSentByBrowser = by === 'session' || (isAmbient === true && c.req.header('origin') !== undefined);
  if (!isSentByBrowser || isSafe(c.req.method) || c.req.header('x-mien') === '1') return next();
  return problem(c, {
    status: 403,
    title: 'Header missing',
    detail: 'A change with a session needs the header "X-Mien: 1"',
    remedy: 'Send this header, or a token instead of the session.',
  });
};

function isSafe(method: string): boolean {
  return method === 'GET' || method === 'HEAD';
}

function bySession(c: Context, sessions: Sessions): Principal | undefined {
  const id = readSessionCookie(c);
  const session = id === undefined ? undefined : sessions.use(id);
  if (!session) return undefined;
  return { role: session.role, by: 'session', session: session.id, expires: session.expires, ended: session.ended };
}

function refuseToken(c: Context): Response {
  return problem(c, {
    status: 401,
    title: 'Wrong token',
    detail: 'The Authorization header holds an unknown token',
    remedy:
      'Send http.token or http.viewerToken of the configuration as: Authorization: Bearer TOKEN, or as the password of Basic',
    headers: { 'WWW-Authenticate': challenge(c, ', error="invalid_token"') },
  });
}
