import type { IncomingMessage, Server } from 'node:http';
import { createServer as createSecureServer, type Server as SecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { createAdaptorServer } from '@hono/node-server';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { WebSocketServer } from 'ws';
import { describeError, exitCode, MienError } from '../../core/errors.ts';
import type { Log } from '../../core/log.ts';
import { serveBothProtocols } from './both-protocols.ts';
import { readCertificate, watchCertificate } from './certificate.ts';
import { type OpenConnections, openConnections } from './connections.ts';

export interface RunningServer {
  /** The port in use: the requested one, or a free one for 0. */
  readonly port: number;
  /** Closes at once, with all open streams. */
  stop(): Promise<void>;
}

export type Fetcher = Pick<OpenAPIHono, 'fetch'>;

export interface ServeOptions {
  readonly host: string;
  readonly port: number;
  readonly log: Log;
  /** With both files, the port serves HTTPS too. */
  readonly tls?: { readonly cert?: string; readonly key?: string };
  /** Proxies that connect for many clients. */
  readonly trustedProxies?: readonly string[];
  /** Interval between checks of the certificate files; default: one minute. */
  readonly certificateCheckMs?: number;
}

/**
 * Listens and serves.
 *
 * @throws MienError (`unavailable`) if the port cannot be opened, (`config`) if the certificate is invalid
 */
export async function serveApp(app: Fetcher, options: ServeOptions): Promise<RunningServer> {
  const { host, port, log } = options;
  let open: OpenConnections | undefined;
  const known = withConnections(app, () => open);
  const server = createAdaptorServer(handlersOf(known)) as Server;
  hardenServer(server);
  const stopTls = addTls(server, known, options);
  open = openConnections(server, options.trustedProxies);
  await listen(server, host, port).catch((error: unknown) => {
    stopTls();
    throw error;
  });
  server.on('error', (error) => log.error({ err: error }, `HTTP server: ${describeError(error)}`));
  return {
    port: (server.address() as AddressInfo).port,
    stop: () =>
      new Promise((resolve) => {
        stopTls();
        server.close(() => resolve());
        for (const socket of open.all) socket.destroy();
      }),
  };
}

/** Lets the app mark the connection of a request as authenticated. */
function withConnections(app: Fetcher, open: () => OpenConnections | undefined): Fetcher {
  return {
    fetch: (request, env: { incoming?: IncomingMessage } = {}, context) => {
      const { remoteAddress, remotePort } = env.incoming?.socket ?? {};
      // The same object: the adapter leaves the WebSocket of an upgrade in it.
      return app.fetch(request, Object.assign(env, { keep: () => open()?.keep(remoteAddress, remotePort) }), context);
    },
  };
}

function handlersOf(app: Fetcher) {
  // Viewers send almost nothing, and JPEG does not compress.
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 1024, perMessageDeflate: false, autoPong: false });
  return { fetch: app.fetch, websocket: { server: sockets } };
}

/** Applies request timeouts and refuses upgrades other than WebSocket. */
function hardenServer(server: Server | SecureServer): void {
  // Headers are small, and 10 MB pass any network within a minute. Slower requests are stalled.
  server.headersTimeout = 15_000;
  server.requestTimeout = 60_000;
  refuseOtherUpgrades(server);
}

function addTls(
  server: Server,
  app: Fetcher,
  { tls = {}, log, certificateCheckMs = 60_000 }: ServeOptions,
): () => void {
  const { cert, key } = tls;
  if (cert === undefined || key === undefined) return () => undefined;
  const secure = createAdaptorServer({
    ...handlersOf(app),
    createServer: createSecureServer,
    serverOptions: { ...readCertificate({ cert, key }).options, handshakeTimeout: 15_000 },
  }) as SecureServer;
  hardenServer(secure);
  serveBothProtocols(server, secure);
  return watchCertificate(
    { cert, key },
    { log, everyMs: certificateCheckMs, onNew: ({ options }) => secure.setSecureContext(options) },
  );
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
  const other = 'Stop the program that uses it, or choose another port: http.port or MIEN_HTTP_PORT.';
  const [message, remedy] =
    error.code === 'EADDRINUSE'
      ? [`Port ${port} of ${host} is in use`, other]
      : error.code === 'EACCES'
        ? [
            `Port ${port} of ${host} may not be opened by this user`,
            'Choose a port from 1024 on: http.port or MIEN_HTTP_PORT.',
          ]
        : [`Cannot listen on ${host}:${port} (${describeError(error)})`, 'Check http.host and http.port.'];
  return new MienError(message, { code: exitCode.unavailable, remedy, cause: error });
}

/**
 * Answers other upgrades such as `h2c`, which the adapter would leave open without an answer. It wraps the adapter's
 * listener, because the adapter answers refused WebSockets only while it is the only listener.
 */
function refuseOtherUpgrades(server: Server | SecureServer): void {
  type Listener = (request: { headers: { upgrade?: string } }, socket: Duplex, head: Buffer) => void;
  const [webSocket] = server.listeners('upgrade') as Listener[];
  server.removeAllListeners('upgrade');
  server.on('upgrade', (request, socket, head) => {
    if (request.headers.upgrade?.toLowerCase() === 'websocket') return webSocket?.call(server, request, socket, head);
    socket.on('error', () => socket.destroy());
    socket.end('HTTP/1.1 426 Upgrade Required\r\nUpgrade: websocket\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
  });
}
