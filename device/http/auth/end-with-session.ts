import type { IncomingMessage, ServerResponse } from 'node:http';
import type { MiddlewareHandler } from 'hono';

/**
 * Closes open streams when their session ends: a live picture that was opened before the logout must stop at the logout.
 * It closes the connection, because that is all that Motion JPEG, events and WebSockets have in common.
 */
export const endWithSession: MiddlewareHandler = async (c, next) => {
  const { ended } = c.get('principal');
  const { incoming, outgoing } = (c.env ?? {}) as { incoming?: IncomingMessage; outgoing?: ServerResponse };
  // Only for GET: the logout itself (DELETE) must still get its response.
  if (ended && incoming?.socket && c.req.method === 'GET') {
    const { socket } = incoming;
    const end = () => socket.destroy();
    ended.addEventListener('abort', end, { once: true });
    // A connection may serve more requests after this one, unless it became a WebSocket.
    (outgoing ?? socket).once('close', () => ended.removeEventListener('abort', end));
  }
  await next();
};
