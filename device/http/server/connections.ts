import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { isLoopback, plainAddress } from '../../core/address.ts';
import { callerOf, TrustedProxies } from '../auth/caller.ts';

/** Per caller: twenty viewers with some tabs each, also if all come through one router. */
const maxPerCaller = 100;
const maxTotal = 500;

export interface OpenConnections {
  readonly all: ReadonlySet<Socket>;
  /** Marks the connection from this address and port as authenticated: it is not closed to make room for another one. */
  keep(address: string | undefined, port: number | undefined): void;
}

interface Entry {
  readonly socket: Socket;
  readonly caller: string;
  isKept: boolean;
}

/**
 * Tracks every connection, including upgraded ones: the server waits for these at its close, but closeAllConnections()
 * does not know them, and a client may keep its side of a refused one open forever.
 *
 * It limits the connections of other machines. At the limit, a new connection replaces the oldest one without a login. So
 * strangers cannot keep authenticated clients out. The screen of the device is always admitted, and a trusted proxy may use
 * all connections.
 */
export function openConnections(server: Server, trustedProxies: readonly string[] = []): OpenConnections {
  const proxies = new TrustedProxies(trustedProxies);
  const all = new Set<Socket>();
  const others = new Map<string, Entry>();
  server.on('connection', (socket: Socket) => {
    all.add(socket);
    const address = plainAddress(socket.remoteAddress ?? '');
    const key = keyOf(address, socket.remotePort);
    const isCounted = !isLoopback(address);
    socket.once('close', () => {
      all.delete(socket);
      if (others.get(key)?.socket === socket) others.delete(key);
    });
    if (!isCounted) return;
    const entry = { socket, caller: callerOf(address), isKept: false };
    const isRefused = () => {
      const ofThis = proxies.has(address) ? [] : [...others.values()].filter(({ caller }) => caller === entry.caller);
      if (ofThis.length >= maxPerCaller) return !close(ofThis);
      return others.size >= maxTotal && !close([...others.values()]);
    };
    if (isRefused()) socket.destroy();
    else others.set(key, entry);
  });
  return {
    all,
    keep: (address, port) => {
      const entry = others.get(keyOf(plainAddress(address ?? ''), port));
      if (entry) entry.isKept = true;
    },
  };
}

/** Closes the oldest connection that is not kept. @returns false if there is none */
function close(entries: readonly Entry[]): boolean {
  const oldest = entries.find(({ isKept }) => !isKept);
  oldest?.socket.destroy();
  return oldest !== undefined;
}

function keyOf(address: string, port: number | undefined): string {
  return `${address} ${port}`;
}
