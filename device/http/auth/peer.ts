import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import type { Context, MiddlewareHandler } from 'hono';
import { isLoopback, plainAddress } from '../../core/address.ts';
import { callerOf, TrustedProxies } from './caller.ts';

/** The client of a request. Only a trusted proxy can change it with a header. */
export interface Peer {
  /** Empty if unknown. */
  readonly address: string;
  /** Key for the limits. An untrusted proxy on this device counts as another caller than the device itself. */
  readonly caller: string;
  /** The address of this device that the client connected to. */
  readonly localAddress: string;
  /** The client is a program on this device, and not a proxy. */
  readonly isThisDevice: boolean;
  /** The reason why a local connection counts as that of a proxy. */
  readonly proxySign: 'header' | 'host' | 'version' | undefined;
  readonly isEncrypted: boolean;
  /** Encrypted, or any proxy reports that its client used HTTPS. Use it only to make a cookie stricter. */
  readonly isEncryptedForClient: boolean;
  /** Host and port as the client addressed them. */
  readonly host: string;
}

declare module 'hono' {
  interface ContextVariableMap {
    peer: Peer;
  }
}

/** Headers of a forwarding proxy. Any client may use them to reduce its own trust. */
const proxyHeaders = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via'];
const noProxies = new TrustedProxies([]);

/** Determines the client once per request, for all later middleware. */
export function findPeer(trusted: readonly string[]): MiddlewareHandler {
  const proxies = new TrustedProxies(trusted);
  return (c, next) => {
    c.set('peer', peerFrom(c, proxies));
    return next();
  };
}

export function peerOf(c: Context): Peer {
  return c.get('peer') ?? peerFrom(c, noProxies);
}

function peerFrom(c: Context, proxies: TrustedProxies): Peer {
  const { incoming } = (c.env ?? {}) as { incoming?: IncomingMessage };
  const socket = incoming?.socket as TLSSocket | undefined;
  const connection = plainAddress(socket?.remoteAddress ?? '');
  const localAddress = plainAddress(socket?.localAddress ?? '');
  const forwarded = proxies.callerBehind(connection, c.req.header('x-forwarded-for'));
  const isTrusted = proxies.has(connection);
  const ownHost = c.req.header('host') ?? new URL(c.req.url).host;
  // Only this device can connect from an address to the same address. Its own screen does so where Mien listens on one
  // network address.
  const isLocal = isLoopback(connection) || (connection !== '' && connection === localAddress);
  const proxySign = isLocal ? signOfProxy(c, ownHost, localAddress, incoming?.httpVersion) : undefined;
  const isEncrypted = socket?.encrypted === true || (isTrusted && c.req.header('x-forwarded-proto') === 'https');
  const address = forwarded ?? connection;
  const isUnknownProxy = proxySign !== undefined && forwarded === undefined;
  return {
    address,
    caller: isUnknownProxy ? 'a proxy on this device' : callerOf(address),
    localAddress,
    isThisDevice: isLocal && proxySign === undefined,
    // Forwarding headers of a trusted proxy are expected.
    proxySign: isTrusted && proxySign === 'header' ? undefined : proxySign,
    isEncrypted,
    isEncryptedForClient: isEncrypted || cameEncrypted(c),
    host: (isTrusted && c.req.header('x-forwarded-host')?.split(',')[0]?.trim()) || ownHost,
  };
}

/** Direct browsers and programs on the device send no forwarding header, use a local host name, and speak HTTP/1.1. */
function signOfProxy(c: Context, host: string, localAddress: string, version?: string): Peer['proxySign'] {
  if (proxyHeaders.some((name) => c.req.header(name) !== undefined)) return 'header';
  const name = plainAddress(host.replace(/:\d*$/, ''));
  if (name !== 'localhost' && !isLoopback(name) && name !== localAddress) return 'host';
  return version === '1.0' ? 'version' : undefined;
}

/** The first entry of a list is the proxy that the client connected to. */
function cameEncrypted(c: Context): boolean {
  const protocol = c.req.header('x-forwarded-proto')?.split(',', 1)[0]?.trim();
  const forwarded = /(?:^|;)\s*proto="?(\w+)/i.exec(c.req.header('forwarded')?.split(',', 1)[0] ?? '')?.[1];
  return (protocol ?? forwarded ?? '').toLowerCase() === 'https';
}
