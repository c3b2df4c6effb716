import type { MiddlewareHandler } from 'hono';
import { getPath } from 'hono/utils/url';

declare module 'hono' {
  interface ContextVariableMap {
    /** Path below which a proxy serves this device, without a trailing slash; empty without such a path. */
    basePath: string;
  }
}

/** Path of a request without the base, for the router. A proxy may strip the base or keep it. */
export function pathBelow(base: string): (request: Request) => string {
  return (request) => {
    const path = getPath(request);
    if (base === '' || path === base) return base === '' ? path : '/';
    return path.startsWith(`${base}/`) ? path.slice(base.length) : path;
  };
}

/** Redirects the base itself to the base with a trailing slash, because the pages use relative URLs. */
export function serveBelow(base: string): MiddlewareHandler {
  return (c, next) => {
    c.set('basePath', base);
    const { pathname, search } = new URL(c.req.url);
    if (base !== '' && pathname === base) return Promise.resolve(c.redirect(`${base}/${search}`, 308));
    return next();
  };
}
