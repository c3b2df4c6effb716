import type { Context, MiddlewareHandler } from 'hono';
import { problem } from '../answers/json.ts';
import { isAllowed, type Role } from './role.ts';

/**
 * Admits requests with this role; an operator also has all rights of a viewer. Use it before a group of routes:
 * `api.use('/settings', requireRole('operator'))`. Without `authenticate` before it, it rejects every request.
 */
export function requireRole(role: Role): MiddlewareHandler {
  return async (c, next) => {
    const principal = c.get('principal');
    if (isAllowed(principal?.role, role)) return next();
    // A person at the device is a viewer without a login. For more, ask for a login instead of answering 403.
    return principal?.role === undefined || principal.by === 'loopback' ? demandLogin(c, role) : forbid(c);
  };
}

function demandLogin(c: Context, role: Role): Response {
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
 * The WWW-Authenticate header. Browsers are not offered Basic: they would open their own password dialog in front of the
 * login page.
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

/** A person opens a page, as opposed to a page or program that fetches something. */
function isPageVisit(c: Context): boolean {
  return c.req.method === 'GET' && /\btext\/html\b/.test(c.req.header('accept') ?? '');
}
