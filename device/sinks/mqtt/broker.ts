import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { Aedes } from 'aedes';
import { describeError } from '../../core/errors.ts';
import type { Log } from '../../core/log.ts';

export interface LocalBroker {
  readonly url: string;
  /** False if the configuration names another broker. */
  readonly embedded: boolean;
  stop(): Promise<void>;
}

/**
 * Starts a broker on `host` and `port`, or on a free port if that one is in use. So the demo never publishes invented visits
 * to an existing broker.
 */
export async function startLocalBroker(deps: { host: '127.0.0.1'; port: number; log: Log }): Promise<LocalBroker> {
  const { host, port, log } = deps;
  const broker = await Aedes.createBroker();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('close', () => sockets.delete(socket)));
    broker.handle(socket);
  });
  // Clients that connect and disconnect are normal: only debug lines.
  broker.on('clientError', (client, error) => log.debug({ client: client.id }, describeError(error)));
  broker.on('connectionError', (_client, error) => log.debug(describeError(error)));

  async function closeBroker(): Promise<void> {
    await new Promise<void>((resolve) => broker.close(resolve));
    for (const socket of sockets) socket.destroy();
  }

  // The program on the port, also if it is a broker, is not used.
  if (!(await listens(server, host, port))) await listens(server, host, 0);
  const url = `mqtt://${host}:${(server.address() as AddressInfo).port}`;
  log.info({ url }, 'embedded MQTT broker started');
  return {
    url,
    embedded: true,
    async stop() {
      server.close();
      await closeBroker();
    },
  };
}

/** True if the server listens, false if the port is in use. */
async function listens(server: Server, host: string, port: number): Promise<boolean> {
  server.listen({ host, port });
  try {
    await once(server, 'listening');
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return false;
    throw error;
  }
}
