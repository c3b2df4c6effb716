import type { Context, MiddlewareHandler } from 'hono';
import { problem } from '../answers/json.ts';
import { isAllowed, type Role } from './role.ts';

/**
 * Lets those pass who have the role (an operator may all that a viewer may). To be put before a group of routes:
 * `api.use('/settings', requireRole('operator'))`. Without `authenticate` before it, it lets nobody pass.
 */
export function requireRole(role: Role): MiddlewareHandler {
  return async (c, next) => {
    const principal = c.get('principal');
    if (isAllowed(principal?.role, role)) return next();
    // Somebody at the device may look without a login; to do more is a matter of logging in.
    return principal?.role === undefined || principal.by === 'loopback' ? askForLogin(c, role) : forbid(c);
  };
}

function askForLogin(c: Context, role: Role): Response {
  if (isPageVisit(c)) {
    const base = c.get('basePath') ?? '';
    const { search } = new URL(c.req.url);
    return c.redirect(`${base}/login?next=${encodeURIComponent(base + c.req.path + search)}`, 303);
  }
  return problem(c, {
    status: 401,
    title: 'Login needed',
    detail: `Expected ${role === 'operator' ? 'an operator' : 'a viewer'}: a session, or the header "Authorization: Bearer TOKEN"`,
    remedy: 'Log in at /login, or send http.token of the configuration as the token.',
    headers: { 'WWW-Authenticate': challenge(c) },
  });
}

/**
 * What a program may send. A browser is not told of Basic: it would ask for a name and a password in a window of its own,
 * in front of the page that shows the login.
 */
export function challenge(c: Context, fault = ''): string {
  const isBrowser = c.req.header('sec-fetch-mode') !== undefined || /^Mozilla\//.test(c.req.header('user-agent') ?? '');
  return `${isBrowser ? '' : 'Basic realm="mien", charset="UTF-8", '}Bearer realm="mien"${fault}`;
}

function forbid(c: Context): Response {
  return problem(c, {
    status: 403,
    title: 'Operators only',
    detail: 'Expected an operator, got a viewer',
    remedy: 'Log in at /login with the password, or send http.token instead of http.viewerToken.',
  });
}

/** A person who opens a page, as against a page or program that fetches something. */
function isPageVisit(c: Context): boolean {
  return c.req.method === 'GET' && /\btext\/html\b/.test(c.req.header('accept') ?? '');
}
