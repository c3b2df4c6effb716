import type { Server } from 'node:http';
import type { Server as SecureServer } from 'node:https';
import type { Socket } from 'node:net';

/** First byte of a TLS connection: a record of type handshake. */
const handshake = 0x16;
/** How long a connection may keep silent before it is closed. */
const silenceMs = 10_000;

/**
 * Lets one port speak HTTP and HTTPS: the first byte of a connection tells which. So the screen of the device needs no
 * certificate that it would have to trust, and whoever types an address without `https` is led there.
 *
 * @param plain the server that listens
 * @param secure gets the encrypted connections
 */
export function speakBoth(plain: Server, secure: SecureServer): void {
  type Listener = (socket: Socket) => void;
  const serve = plain.listeners('connection') as Listener[];
  plain.removeAllListeners('connection');
  plain.on('connection', (socket: Socket) => {
    const give = (first: Buffer) => {
      socket.pause();
      socket.setTimeout(0).off('timeout', close).off('end', close).off('error', close);
      socket.unshift(first);
      if (first[0] === handshake) secure.emit('connection', socket);
      else for (const each of serve) each.call(plain, socket);
      // Both have their listeners now.
      process.nextTick(() => socket.resume());
    };
    const close = () => socket.destroy();
    socket.once('data', give);
    socket.setTimeout(silenceMs).on('timeout', close).on('end', close).on('error', close);
  });
  // Only a server that listens watches over slow headers; this one never does.
  secure.emit('listening');
  plain.on('close', () => secure.close());
}
