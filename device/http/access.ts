import { hostname } from 'node:os';
import type { MiddlewareHandler } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import { problem } from './problem.ts';

/**
 * Refuses requests that name another host than this one. A page on the web can point its own name at 127.0.0.1 (DNS
 * rebinding) and would then be of the same origin as the kiosk; the Host header still tells the name that it used.
 */
export function onlyThisHost(names: readonly string[]): MiddlewareHandler {
  const allowed = new Set(['localhost', '127.0.0.1', '[::1]', hostname().toLowerCase(), ...names]);
  return async (c, next) => {
    const host = c.req.header('host') ?? new URL(c.req.url).host;
    if (allowed.has(withoutPort(host).toLowerCase())) return next();
    return problem(c, {
      status: 403,
      title: 'Wrong host',
      detail: `The request names the host ${JSON.stringify(host)}, which is not this device`,
      remedy: 'Open the page as http://localhost, with the port that Mien prints at its start.',
    });
  };
}

/** Nothing here changes anything, so nothing but reading is understood. */
export const onlyGet: MiddlewareHandler = async (c, next) => {
  if (c.req.method === 'GET' || c.req.method === 'HEAD') return next();
  return problem(c, {
    status: 405,
    title: 'Method not allowed',
    detail: `Expected GET, got ${c.req.method}`,
    headers: { Allow: 'GET, HEAD' },
  });
};

/**
 * Browsers let any page open a WebSocket to any address and only say where it comes from. Pages of another origin are
 * refused; programs, which send no Origin, are not what this guards against.
 */
export const onlySameOrigin: MiddlewareHandler = async (c, next) => {
  const origin = c.req.header('origin');
  const host = c.req.header('host') ?? new URL(c.req.url).host;
  if (origin === undefined || hostOfOrigin(origin) === host.toLowerCase()) return next();
  return problem(c, {
    status: 403,
    title: 'Wrong origin',
    detail: `Expected a page of this device, got one of ${JSON.stringify(origin)}`,
  });
};

/** No inline script or style, no address but this one, no embedding elsewhere. */
export const safeHeaders: MiddlewareHandler = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'", 'data:'],
    fontSrc: ["'self'"],
    connectSrc: ["'self'"],
    baseUri: ["'none'"],
    formAction: ["'none'"],
    frameAncestors: ["'none'"],
  },
  xFrameOptions: 'DENY',
  // Plain HTTP on the loopback: a browser told to insist on HTTPS for localhost would break other programs there.
  strictTransportSecurity: false,
});

function withoutPort(host: string): string {
  return host.replace(/:\d*$/, '');
}

function hostOfOrigin(origin: string): string | undefined {
  // `null` (a sandboxed page, a local file) is not an address.
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}
