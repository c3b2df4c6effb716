import type { IncomingMessage, ServerResponse } from 'node:http';
import type { MiddlewareHandler } from 'hono';

/**
 * Ends what is still being answered when its session ends: a picture that was opened before the logout must not go on
 * after it. Nothing but the connection itself is common to Motion JPEG, events and WebSockets.
 */
export const endWithSession: MiddlewareHandler = async (c, next) => {
  const { ended } = c.get('principal');
  const { incoming, outgoing } = (c.env ?? {}) as { incoming?: IncomingMessage; outgoing?: ServerResponse };
  // The logout itself is a change, and is to be answered.
  if (ended && incoming?.socket && c.req.method === 'GET') {
    const { socket } = incoming;
    const end = () => socket.destroy();
    ended.addEventListener('abort', end, { once: true });
    // A connection serves other requests after this one, unless it became a WebSocket.
    (outgoing ?? socket).once('close', () => ended.removeEventListener('abort', end));
  }
  await next();
};
