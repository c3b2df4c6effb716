import type { Context, MiddlewareHandler } from 'hono';
import type { Config } from '../../config/schema.ts';
import { problem } from '../answers/json.ts';
import { readSessionCookie } from './cookie.ts';
import type { LoopbackTrust } from './loopback.ts';
import { challenge, requireRole } from './require-role.ts';
import type { Principal, Role } from './role.ts';
import { isSame } from './secrets.ts';
import type { Sessions } from './sessions.ts';

/** What anybody may have: the way in, and what a visitor is told about privacy. */
const publicPaths = new Set(['/login', '/privacy', '/healthz', '/favicon.svg', '/api/v1/session', '/api/v1/privacy']);

const nobody: Principal = { role: undefined, by: 'nothing' };

/** Finds out who asks: by token, by session, or because they ask on the device itself. */
export function authenticate(http: Config['http'], sessions: Sessions, loopback: LoopbackTrust): MiddlewareHandler {
  return async (c, next) => {
    const authorization = c.req.header('authorization');
    // Asked in any case: it takes note of proxies.
    const isTrusted = loopback.trusts(c);
    if (authorization !== undefined) {
      const basic = passwordOfBasic(authorization);
      const role = roleOfToken(basic ?? authorization.replace(/^Bearer +/i, ''), http);
      // Not taken for somebody without a token: who sends one wants to know that it is wrong.
      if (role === undefined) return refuseToken(c);
      // A browser that keeps a viewer's token as the Basic password sends it with every request; a login adds to it.
      const session = basic === undefined || role === 'operator' ? undefined : bySession(c, sessions);
      const byToken: Principal = { role, by: 'token', ...(basic !== undefined && { isAmbient: true }) };
      c.set('principal', session?.role === 'operator' ? session : byToken);
    } else {
      c.set('principal', bySession(c, sessions) ?? (isTrusted ? { role: 'viewer', by: 'loopback' } : nobody));
    }
    if (authorization !== undefined || c.get('principal').by === 'session') keepConnection(c);
    return next();
  };
}

/** The password of RFC 7617; the user name may be any. Players and cameras of other programs know no other way. */
function passwordOfBasic(authorization: string): string | undefined {
  const [, encoded] = /^Basic +([A-Za-z0-9+/=]+)$/i.exec(authorization) ?? [];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString();
  return text.includes(':') ? text.slice(text.indexOf(':') + 1) : '';
}

/** A connection of somebody who has logged in is not closed to make room for another one. */
function keepConnection(c: Context): void {
  const { keep } = (c.env ?? {}) as { keep?: () => void };
  keep?.();
}

/** The role of a token; undefined when it is none of ours. */
export function roleOfToken(given: string, { token, viewerToken }: Config['http']): Role | undefined {
  // Both are compared, whatever the first one gives: the time says nothing.
  const isOperator = token !== undefined && isSame(given, token);
  const isViewer = viewerToken !== undefined && isSame(given, viewerToken);
  return isOperator ? 'operator' : isViewer ? 'viewer' : undefined;
}

/** Everything but the public paths is for viewers at least; routes that need more say so. */
export const guard: MiddlewareHandler = async (c, next) => {
  if (publicPaths.has(c.req.path) || c.req.path.startsWith('/assets/')) return next();
  return requireRole('viewer')(c, next);
};

/**
 * A cookie, and a password that a browser keeps (Basic), come along with whatever a page makes the browser send. What changes something must therefore also carry a
 * header that only a page of this origin can set.
 */
export const guardCookies: MiddlewareHandler = async (c, next) => {
  const { by, isAmbient } = c.get('principal');
  const isOfBrowser = by === 'session' || (isAmbient === true && c.req.header('origin') !== undefined);
  if (!isOfBrowser || isSafe(c.req.method) || c.req.header('x-mien') === '1') return next();
  return problem(c, {
    status: 403,
    title: 'Header missing',
    detail: 'A change by way of a session needs the header "X-Mien: 1"',
    remedy: 'Send the header, or a token instead of the session.',
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
    detail: 'The token of the Authorization header is not one of this device',
    remedy:
      'Send http.token or http.viewerToken of its configuration as: Authorization: Bearer TOKEN, or as the password of Basic',
    headers: { 'WWW-Authenticate': challenge(c, ', error="invalid_token"') },
  });
}
