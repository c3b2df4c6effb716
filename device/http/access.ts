import { hostname } from 'node:os';
import type { Context, MiddlewareHandler } from 'hono';
import { cors } from 'hono/cors';
import { secureHeaders } from 'hono/secure-headers';
import type { Config } from '../config/schema.ts';
import { plainAddress } from '../core/address.ts';
import { problem } from './answers/json.ts';
import { peerOf } from './auth/peer.ts';

/**
 * Rejects requests with a foreign Host header. A web page can point its own name at 127.0.0.1 (DNS rebinding) and would then
 * have the same origin as the kiosk. The Host header still holds the name that it used.
 */
export function onlyThisHost(names: readonly string[]): MiddlewareHandler {
  const own = hostname().toLowerCase();
  const others = names.map((name) => name.toLowerCase());
  const allowed = new Set(['localhost', '127.0.0.1', '[::1]', own, `${own}.local`, ...others]);
  return async (c, next) => {
    const { host, localAddress } = peerOf(c);
    const name = withoutPort(host).toLowerCase();
    // An IP address cannot be rebound, and this one belongs to the device.
    if (allowed.has(name) || (name !== '' && plainAddress(name) === localAddress)) return next();
    return problem(c, {
      status: 403,
      title: 'Wrong host',
      detail: `Expected the name or address of this device as host, got ${JSON.stringify(host.slice(0, 200))}`,
      remedy: 'Use the address that Mien prints at its start, or add this host name to http.allowedHosts.',
    });
  };
}

/**
 * Browsers let any page open a WebSocket to any address, post a form to it, or embed a picture from it. They only report the
 * origin of the page. Rejects pages of other origins unless the configuration names them. Programs send no origin and are
 * admitted: this check protects browsers only.
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
      detail: `Expected a request from a page of this device, got one from ${JSON.stringify(origin?.slice(0, 200) ?? 'another site')}`,
      remedy:
        'To admit a page of another program, add its origin to http.allowedOrigins, or to http.frameAncestors if it frames this page.',
    });
  };
}

/** CORS: pages of the named origins may use the API with a token. Cookies are not accepted from them. */
export function shareWith(origins: readonly string[]): MiddlewareHandler {
  return cors({
    origin: [...origins],
    allowMethods: ['GET', 'HEAD', 'POST', 'PATCH', 'DELETE'],
    allowHeaders: ['Authorization', 'Content-Type', 'If-None-Match', 'X-Mien'],
    exposeHeaders: ['ETag', 'Retry-After', 'X-Frame', 'X-Timestamp', 'WWW-Authenticate'],
    maxAge: 600,
  });
}

/** With a certificate, passwords and pictures pass the network over HTTPS only. */
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
    remedy: `Use ${address.origin}. If you sent a password or token over HTTP, change it: others may have read it.`,
  });
};

/** A page of another site loads this as a subresource, e.g. as a picture. Following a link to this device is allowed. */
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

/** No inline scripts or styles, no other addresses, and no embedding except by the origins in `frameAncestors`. */
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
    // The page /try uses the camera. No page uses another feature.
    permissionsPolicy: { camera: ['self'], ...Object.fromEntries(unusedFeatures.map((feature) => [feature, []])) },
    // X-Frame-Options has no list of origins. Browsers with support for frame-ancestors ignore it.
    xFrameOptions: frameAncestors.length === 0 ? 'DENY' : false,
    // HSTS applies to all ports of the host and would break other programs on it.
    strictTransportSecurity: false,
  });
}

function withoutPort(host: string): string {
  return host.replace(/:\d*$/, '');
}

function hostOfOrigin(origin: string): string | undefined {
  // The origin of a sandboxed page or a local file is `null`, which is not a URL.
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}
