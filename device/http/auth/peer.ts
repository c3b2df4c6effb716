import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import type { Context } from 'hono';
import { isLoopback, plainAddress } from '../../core/address.ts';

/** The other end of the connection, as the socket knows it. No header can make it somebody else. */
export interface Peer {
  /** Empty where it is not known. */
  readonly address: string;
  /** The address of this device that it connected to. */
  readonly localAddress: string;
  /** A program on this device that asks for itself. */
  readonly isThisDevice: boolean;
  readonly isEncrypted: boolean;
  /** So, or a proxy says that its own client came encrypted. Only ever makes a cookie stricter. */
  readonly isEncryptedForClient: boolean;
}

/** Headers by which a proxy says that it asks for somebody else. They are believed where they take trust away. */
const proxyHeaders = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via'];

export function peerOf(c: Context): Peer {
  const socket = (c.env as { incoming?: IncomingMessage } | undefined)?.incoming?.socket as TLSSocket | undefined;
  const address = plainAddress(socket?.remoteAddress ?? '');
  const localAddress = plainAddress(socket?.localAddress ?? '');
  return {
    address,
    localAddress,
    // From an address to itself only this device connects: a bind to one network address is used by its own screen too.
    isThisDevice:
      (isLoopback(address) || (address !== '' && address === localAddress)) &&
      !proxyHeaders.some((name) => c.req.header(name) !== undefined),
    isEncrypted: socket?.encrypted === true,
    isEncryptedForClient: socket?.encrypted === true || cameEncrypted(c),
  };
}

/** The proxy that the client spoke to stands first in the list. */
function cameEncrypted(c: Context): boolean {
  const protocol = c.req.header('x-forwarded-proto')?.split(',', 1)[0]?.trim();
  const forwarded = /(?:^|;)\s*proto="?(\w+)/i.exec(c.req.header('forwarded')?.split(',', 1)[0] ?? '')?.[1];
  return (protocol ?? forwarded ?? '').toLowerCase() === 'https';
}
