import type { Server } from 'node:http';
import type { Server as SecureServer } from 'node:https';
import type { Socket } from 'node:net';

/** First byte of a TLS connection: a record of type handshake. */
const handshake = 0x16;
/** Time for a new connection to send its first byte, in ms. */
const silenceMs = 10_000;

/**
 * Serves HTTP and HTTPS on one port: the first byte of a connection shows the protocol. So the screen of the device needs no
 * trusted certificate, and an address without `https` can be redirected.
 *
 * @param plain the listening server
 * @param secure receives the encrypted connections
 */
export function serveBothProtocols(plain: Server, secure: SecureServer): void {
  type Listener = (socket: Socket) => void;
  const serve = plain.listeners('connection') as Listener[];
  plain.removeAllListeners('connection');
  plain.on('connection', (socket: Socket) => {
    const dispatch = (first: Buffer) => {
      socket.pause();
      socket.setTimeout(0).off('timeout', close).off('end', close).off('error', close);
      socket.unshift(first);
      if (first[0] === handshake) secure.emit('connection', socket);
      else for (const each of serve) each.call(plain, socket);
      // Both servers have attached their listeners by now.
      process.nextTick(() => socket.resume());
    };
    const close = () => socket.destroy();
    socket.once('data', dispatch);
    socket.setTimeout(silenceMs).on('timeout', close).on('end', close).on('error', close);
  });
  // Node starts its check of slow headers at this event. This server never listens, so emit it here.
  secure.emit('listening');
  plain.on('close', () => secure.close());
}
