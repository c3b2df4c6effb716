import type { MiddlewareHandler } from 'hono';
import { getPath } from 'hono/utils/url';

declare module 'hono' {
  interface ContextVariableMap {
    /** Path below which a proxy shows this device, without a slash at its end; empty where it stands by itself. */
    basePath: string;
  }
}

/** Path of a request without the base, for the router. A proxy may take the base off or leave it on. */
export function pathBelow(base: string): (request: Request) => string {
  return (request) => {
    const path = getPath(request);
    if (base === '' || path === base) return base === '' ? path : '/';
    return path.startsWith(`${base}/`) ? path.slice(base.length) : path;
  };
}

/** Pages name everything relative to themselves, so the first one needs the slash at its end. */
export function serveBelow(base: string): MiddlewareHandler {
  return (c, next) => {
    c.set('basePath', base);
    const { pathname, search } = new URL(c.req.url);
    if (base !== '' && pathname === base) return Promise.resolve(c.redirect(`${base}/${search}`, 308));
    return next();
  };
}
