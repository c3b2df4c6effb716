import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { isLoopback, plainAddress } from '../../core/address.ts';
import { callerOf, TrustedProxies } from '../auth/caller.ts';

/** Twenty viewers with some tabs each, also where they all come through one router. */
const maxOfOne = 100;
const maxTotal = 500;

export interface OpenConnections {
  readonly all: ReadonlySet<Socket>;
  /** Somebody has logged in on the connection from this address and port: it is not closed to make room for another. */
  keep(address: string | undefined, port: number | undefined): void;
}

interface Entry {
  readonly socket: Socket;
  readonly caller: string;
  isKept: boolean;
}

/**
 * Every connection, also those that were asked to be upgraded: the server waits for these at its close, but its
 * closeAllConnections() does not know them, and a client may keep its side of a refused one open forever.
 *
 * Other machines get so many and no more. Where all places are taken, a new connection takes that of the oldest one on which
 * nobody has logged in: strangers can hold all places, but only until somebody comes who logs in. The screen of the device is
 * always let in, and a trusted proxy may hold all places.
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
      if (ofThis.length >= maxOfOne) return !close(ofThis);
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

/** Closes the oldest one that is not kept; false where there is none. */
function close(entries: readonly Entry[]): boolean {
  const oldest = entries.find(({ isKept }) => !isKept);
  oldest?.socket.destroy();
  return oldest !== undefined;
}

function keyOf(address: string, port: number | undefined): string {
  return `${address} ${port}`;
}
