import { hostname } from 'node:os';
import type { Context, MiddlewareHandler } from 'hono';
import { cors } from 'hono/cors';
import { secureHeaders } from 'hono/secure-headers';
import type { Config } from '../config/schema.ts';
import { plainAddress } from '../core/address.ts';
import { problem } from './answers/json.ts';
import { peerOf } from './auth/peer.ts';

/**
 * Refuses requests that name another host than this one. A page on the web can point its own name at 127.0.0.1 (DNS
 * rebinding) and would then be of the same origin as the kiosk; the Host header still tells the name that it used.
 */
export function onlyThisHost(names: readonly string[]): MiddlewareHandler {
  const own = hostname().toLowerCase();
  const others = names.map((name) => name.toLowerCase());
  const allowed = new Set(['localhost', '127.0.0.1', '[::1]', own, `${own}.local`, ...others]);
  return async (c, next) => {
    const { host, localAddress } = peerOf(c);
    const name = withoutPort(host).toLowerCase();
    // An address is no name that could be pointed elsewhere, and this one leads here.
    if (allowed.has(name) || (name !== '' && plainAddress(name) === localAddress)) return next();
    return problem(c, {
      status: 403,
      title: 'Wrong host',
      detail: `The request names the host ${JSON.stringify(host.slice(0, 200))}, which is not this device`,
      remedy:
        'Use the address that Mien prints at its start; other names of this device belong into http.allowedHosts.',
    });
  };
}

/**
 * Browsers let any page open a WebSocket to any address, send a form or show a picture of it, and only say where that
 * comes from. Pages of another origin are refused unless the configuration names it; programs, which say nothing, are not
 * what this guards against.
 */
export function onlySameOrigin({ allowedOrigins, frameAncestors }: Config['http']): MiddlewareHandler {
  return async (c, next) => {
    const origin = c.req.header('origin');
    const { host } = peerOf(c);
    const isAllowed =
      origin === undefined
        ? !isEmbedded(c, frameAncestors.length > 0)
        : hostOfOrigin(origin) === host.toLowerCase() || allowedOrigins.includes(origin);
    if (isAllowed) return next();
    return problem(c, {
      status: 403,
      title: 'Wrong origin',
      detail: `Expected a page of this device, got one of ${JSON.stringify(origin?.slice(0, 200) ?? 'another site')}`,
      remedy: 'Pages of other programs need http.allowedOrigins, or http.frameAncestors to frame this one.',
    });
  };
}

/** Lets pages of the named origins read answers, with a token: cookies stay out. */
export function shareWith(origins: readonly string[]): MiddlewareHandler {
  return cors({
    origin: [...origins],
    allowMethods: ['GET', 'HEAD', 'POST', 'PATCH', 'DELETE'],
    allowHeaders: ['Authorization', 'Content-Type', 'If-None-Match', 'X-Mien'],
    exposeHeaders: ['ETag', 'Retry-After', 'X-Frame', 'X-Timestamp', 'WWW-Authenticate'],
    maxAge: 600,
  });
}

/** Where there is a certificate, a password or a picture goes over the network encrypted or not at all. */
export const onlyEncrypted: MiddlewareHandler = async (c, next) => {
  const peer = peerOf(c);
  if (peer.isEncrypted || peer.isThisDevice) return next();
  const address = new URL(c.req.url);
  address.protocol = 'https';
  address.host = peer.host;
  const isReading = c.req.method === 'GET' || c.req.method === 'HEAD';
  if (isReading && c.req.header('upgrade') === undefined) return c.redirect(address.href, 308);
  return problem(c, {
    status: 403,
    title: 'Encrypted only',
    detail: 'Expected HTTPS, got HTTP',
    remedy: `Use ${address.origin}; what was sent may have been read on its way.`,
  });
};

/** Fetched by a page of another site (as a picture, say), as against a link that somebody follows. */
function isEmbedded(c: Context, mayBeFramed: boolean): boolean {
  const site = c.req.header('sec-fetch-site');
  const isForeign = site === 'cross-site' || site === 'same-site';
  return (
    isForeign &&
    !(
      c.req.method === 'GET' &&
      c.req.header('sec-fetch-mode') === 'navigate' &&
      (c.req.header('sec-fetch-dest') === 'document' || (mayBeFramed && c.req.header('sec-fetch-dest') === 'iframe'))
    )
  );
}

const unusedFeatures = [
  'accelerometer',
  'bluetooth',
  'displayCapture',
  'geolocation',
  'gyroscope',
  'hid',
  'magnetometer',
  'microphone',
  'midi',
  'payment',
  'serial',
  'usb',
] as const;

/** No inline script or style, no address but this one, no embedding but by the pages that the configuration names. */
export function safeHeaders(frameAncestors: readonly string[]): MiddlewareHandler {
  return secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'", 'data:'],
      fontSrc: ["'self'"],
      connectSrc: ["'self'"],
      baseUri: ["'none'"],
      formAction: ["'none'"],
      frameAncestors: frameAncestors.length === 0 ? ["'none'"] : [...frameAncestors],
    },
    // Of what a browser can do, the page for trying one's own picture uses the camera; nothing else is used.
    permissionsPolicy: { camera: ['self'], ...Object.fromEntries(unusedFeatures.map((feature) => [feature, []])) },
    // It knows no list; browsers that know frame-ancestors do not look at it.
    xFrameOptions: frameAncestors.length === 0 ? 'DENY' : false,
    // Browsers take it for the whole host, all its ports: to insist on HTTPS would break other programs there.
    strictTransportSecurity: false,
  });
}

function withoutPort(host: string): string {
  return host.replace(/:\d*$/, '');
}

function hostOfOrigin(origin: string): string | undefined {
  // `null` (a sandboxed page, a local file) is not an address.
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}
