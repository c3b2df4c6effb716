import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { Aedes } from 'aedes';
import { connect } from 'mqtt';
import { describeError } from '../../core/errors.ts';
import type { Log } from '../../core/log.ts';

const probeMs = 2000;

export interface LocalBroker {
  readonly url: string;
  /** False where a broker was there already. */
  readonly embedded: boolean;
  stop(): Promise<void>;
}

/**
 * A broker for the demo: our own on `host` and `port`, or the one that is already there and lets us in, or, when the port
 * belongs to something else, our own on a free port.
 */
export async function startLocalBroker(deps: { host: '127.0.0.1'; port: number; log: Log }): Promise<LocalBroker> {
  const { host, port, log } = deps;
  const broker = await Aedes.createBroker();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('close', () => sockets.delete(socket)));
    broker.handle(socket);
  });
  // Clients that come and go are nothing to worry a reader with.
  broker.on('clientError', (client, error) => log.debug({ client: client.id }, describeError(error)));
  broker.on('connectionError', (_client, error) => log.debug(describeError(error)));

  async function closeBroker(): Promise<void> {
    await new Promise<void>((resolve) => broker.close(resolve));
    for (const socket of sockets) socket.destroy();
  }

  if (!(await listens(server, host, port))) {
    const url = `mqtt://${host}:${port}`;
    const refusal = await probeBroker(url);
    if (refusal === undefined) {
      await closeBroker();
      log.info({ url }, 'using the MQTT broker that is already there');
      return { url, embedded: false, stop: async () => {} };
    }
    log.warn(`port ${port} is in use, but not by a broker that lets us in (${refusal}); taking a free port`);
    await listens(server, host, 0);
  }

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

/** True when it listens, false when the port is in use. */
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

/** Asks for a connection as any client does; returns why it got none. */
export function probeBroker(url: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const client = connect(url, {
      protocolVersion: 4,
      clientId: `mien-probe-${process.pid}`,
      reconnectPeriod: 0,
      connectTimeout: probeMs,
    });
    const finish = (refusal: string | undefined) => {
      resolve(refusal);
      client.end(true);
    };
    client.on('connect', () => finish(undefined));
    client.on('error', (error) => finish(describeError(error)));
    client.on('close', () => resolve('it closed the connection'));
  });
}
