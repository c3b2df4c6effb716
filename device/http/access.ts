import { hostname } from 'node:os';
import type { Context, MiddlewareHandler } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import { plainAddress } from '../core/address.ts';
import { peerOf } from './auth/peer.ts';
import { problem } from './problem.ts';

/**
 * Refuses requests that name another host than this one. A page on the web can point its own name at 127.0.0.1 (DNS
 * rebinding) and would then be of the same origin as the kiosk; the Host header still tells the name that it used.
 */
export function onlyThisHost(names: readonly string[]): MiddlewareHandler {
  const own = hostname().toLowerCase();
  const others = names.map((name) => name.toLowerCase());
  const allowed = new Set(['localhost', '127.0.0.1', '[::1]', own, `${own}.local`, ...others]);
  return async (c, next) => {
    const host = c.req.header('host') ?? new URL(c.req.url).host;
    const name = withoutPort(host).toLowerCase();
    // An address is no name that could be pointed elsewhere, and this one leads here.
    if (allowed.has(name) || (name !== '' && plainAddress(name) === peerOf(c).localAddress)) return next();
    return problem(c, {
      status: 403,
      title: 'Wrong host',
      detail: `The request names the host ${JSON.stringify(host)}, which is not this device`,
      remedy:
        'Use the address that Mien prints at its start; other names of this device belong into http.allowedHosts.',
    });
  };
}

/**
 * Browsers let any page open a WebSocket to any address, send a form or show a picture of it, and only say where that
 * comes from. Pages of another origin are refused; programs, which say nothing, are not what this guards against.
 */
export const onlySameOrigin: MiddlewareHandler = async (c, next) => {
  const origin = c.req.header('origin');
  const host = c.req.header('host') ?? new URL(c.req.url).host;
  if (origin === undefined ? !isEmbedded(c) : hostOfOrigin(origin) === host.toLowerCase()) return next();
  return problem(c, {
    status: 403,
    title: 'Wrong origin',
    detail: `Expected a page of this device, got one of ${JSON.stringify(origin ?? 'another site')}`,
  });
};

/** Where there is a certificate, a password or a picture goes over the network encrypted or not at all. */
export const onlyEncrypted: MiddlewareHandler = async (c, next) => {
  const peer = peerOf(c);
  if (peer.isEncrypted || peer.isThisDevice) return next();
  const address = new URL(c.req.url);
  address.protocol = 'https';
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
function isEmbedded(c: Context): boolean {
  const site = c.req.header('sec-fetch-site');
  const isForeign = site === 'cross-site' || site === 'same-site';
  return (
    isForeign &&
    !(
      c.req.method === 'GET' &&
      c.req.header('sec-fetch-mode') === 'navigate' &&
      c.req.header('sec-fetch-dest') === 'document'
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
  // Of what a browser can do, the page for trying one's own picture uses the camera; nothing else is used.
  permissionsPolicy: { camera: ['self'], ...Object.fromEntries(unusedFeatures.map((feature) => [feature, []])) },
  xFrameOptions: 'DENY',
  // Browsers take it for the whole host, all its ports: to insist on HTTPS would break other programs there.
  strictTransportSecurity: false,
});

function withoutPort(host: string): string {
  return host.replace(/:\d*$/, '');
}

function hostOfOrigin(origin: string): string | undefined {
  // `null` (a sandboxed page, a local file) is not an address.
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}
