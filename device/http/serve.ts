import type { Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createAdaptorServer } from '@hono/node-server';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { WebSocketServer } from 'ws';
import { describeError, exitCode, MienError } from '../core/errors.ts';
import type { Log } from '../core/log.ts';

export interface RunningServer {
  /** The port in use: the one that was asked for, or the one found where 0 was. */
  readonly port: number;
  /** Closes at once, with all open streams. */
  stop(): Promise<void>;
}

/**
 * Listens and serves.
 *
 * @throws MienError (`unavailable`) where the port cannot be had.
 */
export async function serveApp(
  app: Pick<OpenAPIHono, 'fetch'>,
  options: { host: string; port: number; log: Log },
): Promise<RunningServer> {
  const { host, port, log } = options;
  // Viewers have nothing to say, and JPEG does not compress.
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 1024, perMessageDeflate: false });
  const server = createAdaptorServer({ fetch: app.fetch, websocket: { server: sockets } }) as Server;
  refuseOtherUpgrades(server);
  const open = openSockets(server);
  await listen(server, host, port);
  server.on('error', (error) => log.error({ err: error }, `HTTP server: ${describeError(error)}`));
  return {
    port: (server.address() as AddressInfo).port,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}

/**
 * Every connection, also those that were asked to be upgraded: the server waits for these at its close, but its
 * closeAllConnections() does not know them, and a client may keep its side of a refused one open for ever.
 */
function openSockets(server: Server): ReadonlySet<Socket> {
  const open = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  return open;
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException) => reject(cannotListen(error, host, port));
    server.once('error', onError);
    server.listen(port, host, () => {
      server.off('error', onError);
      resolve();
    });
  });
}

function cannotListen(error: NodeJS.ErrnoException, host: string, port: number): MienError {
  const other = 'Stop the program that uses it, or choose another one: http.port or MIEN_HTTP_PORT.';
  const [message, remedy] =
    error.code === 'EADDRINUSE'
      ? [`Port ${port} of ${host} is in use`, other]
      : error.code === 'EACCES'
        ? [
            `Port ${port} of ${host} may not be opened by this user`,
            'Choose one from 1024 on: http.port or MIEN_HTTP_PORT.',
          ]
        : [`Cannot listen on ${host}:${port} (${describeError(error)})`, 'Check http.host and http.port.'];
  return new MienError(message, { code: exitCode.unavailable, remedy, cause: error });
}

/**
 * Answers `Upgrade: h2c` and the like, which the adapter would leave open without an answer. Wrapped around its listener
 * instead of added beside it, because it answers refused WebSockets only while it is the one listener.
 */
function refuseOtherUpgrades(server: Server): void {
  type Listener = (request: { headers: { upgrade?: string } }, socket: Duplex, head: Buffer) => void;
  const [webSocket] = server.listeners('upgrade') as Listener[];
  server.removeAllListeners('upgrade');
  server.on('upgrade', (request, socket, head) => {
    if (request.headers.upgrade?.toLowerCase() === 'websocket') return webSocket?.call(server, request, socket, head);
    socket.on('error', () => socket.destroy());
    socket.end('HTTP/1.1 426 Upgrade Required\r\nUpgrade: websocket\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
  });
}
