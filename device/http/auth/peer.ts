import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import type { Context, MiddlewareHandler } from 'hono';
import { isLoopback, plainAddress } from '../../core/address.ts';
import { callerOf, TrustedProxies } from './caller.ts';

/** The other end of a request. Only a trusted proxy can make it somebody else by a header. */
export interface Peer {
  /** Empty where it is not known. */
  readonly address: string;
  /** What limits count by. A proxy on this device that is not trusted is another caller than the device itself. */
  readonly caller: string;
  /** The address of this device that it connected to. */
  readonly localAddress: string;
  /** A program on this device that asks for itself. */
  readonly isThisDevice: boolean;
  /** Why a connection of this device is taken for that of a proxy. */
  readonly proxySign: 'header' | 'host' | 'version' | undefined;
  readonly isEncrypted: boolean;
  /** So, or a proxy says that its own client came encrypted. Only ever makes a cookie stricter. */
  readonly isEncryptedForClient: boolean;
  /** Host, and port, that the caller's own address names. */
  readonly host: string;
}

declare module 'hono' {
  interface ContextVariableMap {
    peer: Peer;
  }
}

/** Headers by which a proxy says that it asks for somebody else. They are believed where they take trust away. */
const proxyHeaders = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via'];
const nobody = new TrustedProxies([]);

/** Finds out who asks, once, for all that stands behind it. */
export function findPeer(trusted: readonly string[]): MiddlewareHandler {
  const proxies = new TrustedProxies(trusted);
  return (c, next) => {
    c.set('peer', peerFrom(c, proxies));
    return next();
  };
}

export function peerOf(c: Context): Peer {
  return c.get('peer') ?? peerFrom(c, nobody);
}

function peerFrom(c: Context, proxies: TrustedProxies): Peer {
  const { incoming } = (c.env ?? {}) as { incoming?: IncomingMessage };
  const socket = incoming?.socket as TLSSocket | undefined;
  const connection = plainAddress(socket?.remoteAddress ?? '');
  const localAddress = plainAddress(socket?.localAddress ?? '');
  const forwarded = proxies.callerBehind(connection, c.req.header('x-forwarded-for'));
  const isTrusted = proxies.has(connection);
  const ownHost = c.req.header('host') ?? new URL(c.req.url).host;
  // From an address to itself only this device connects: a bind to one network address is used by its own screen too.
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
    // What a trusted proxy says is what it is trusted to say.
    proxySign: isTrusted && proxySign === 'header' ? undefined : proxySign,
    isEncrypted,
    isEncryptedForClient: isEncrypted || cameEncrypted(c),
    host: (isTrusted && c.req.header('x-forwarded-host')?.split(',')[0]?.trim()) || ownHost,
  };
}

/** Browsers and programs that ask for themselves send none of these, name the device as local, and speak HTTP/1.1. */
function signOfProxy(c: Context, host: string, localAddress: string, version?: string): Peer['proxySign'] {
  if (proxyHeaders.some((name) => c.req.header(name) !== undefined)) return 'header';
  const name = plainAddress(host.replace(/:\d*$/, ''));
  if (name !== 'localhost' && !isLoopback(name) && name !== localAddress) return 'host';
  return version === '1.0' ? 'version' : undefined;
}

/** The proxy that the client spoke to stands first in the list. */
function cameEncrypted(c: Context): boolean {
  const protocol = c.req.header('x-forwarded-proto')?.split(',', 1)[0]?.trim();
  const forwarded = /(?:^|;)\s*proto="?(\w+)/i.exec(c.req.header('forwarded')?.split(',', 1)[0] ?? '')?.[1];
  return (protocol ?? forwarded ?? '').toLowerCase() === 'https';
}
