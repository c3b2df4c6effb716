import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { isLoopback } from '../core/address.ts';

/** Twenty viewers with some tabs each, also where they all come through one router. */
const mostOfOne = 100;
const most = 500;

/**
 * Every connection, also those that were asked to be upgraded: the server waits for these at its close, but its
 * closeAllConnections() does not know them, and a client may keep its side of a refused one open for ever.
 *
 * Other machines get so many and no more; the screen of the device is always let in.
 */
export function openConnections(server: Server): ReadonlySet<Socket> {
  const open = new Set<Socket>();
  const counts = new Map<string, number>();
  let others = 0;
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    const address = socket.remoteAddress ?? '';
    const counted = isLoopback(address) ? 0 : 1;
    others += counted;
    const ofThis = (counts.get(address) ?? 0) + counted;
    counts.set(address, ofThis);
    socket.once('close', () => {
      open.delete(socket);
      others -= counted;
      const left = counts.get(address)! - counted;
      if (left === 0) counts.delete(address);
      else counts.set(address, left);
    });
    if (counted && (ofThis > mostOfOne || others > most)) socket.destroy();
  });
  return open;
}
