import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort, type Mosquitto, startMosquitto } from '../fixtures/mosquitto.ts';

export interface FaultBrokerOptions {
  readonly folder: string;
  /** Another address to listen on. */
  readonly address?: string;
  readonly autosaveS?: number;
}

/** A Mosquitto that keeps sessions and queued messages, and can be stopped and started again on its port. */
export class FaultBroker {
  readonly port: number;
  readonly #options: FaultBrokerOptions;
  /** When each client last connected, monotonic ms. */
  readonly #connectedAt = new Map<string, number>();
  #running: Mosquitto | undefined;

  private constructor(options: FaultBrokerOptions, port: number) {
    this.#options = options;
    this.port = port;
  }

  static async start(options: FaultBrokerOptions): Promise<FaultBroker> {
    const broker = new FaultBroker(options, await freePort());
    await broker.start();
    return broker;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const { folder, address, autosaveS = 1 } = this.#options;
    const location = join(folder, 'broker');
    mkdirSync(location, { recursive: true });
    this.#running = await startMosquitto({
      port: this.port,
      lines: [
        ...['persistence true', `persistence_location ${location}/`, `autosave_interval ${autosaveS}`],
        // The defaults drop messages of a subscriber that is away.
        'max_queued_messages 0',
        ...(address ? [`listener ${this.port} ${address}`] : []),
      ],
      onLine: (line) => this.#onLine(line),
    });
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    await this.#running?.stop(signal);
    this.#running = undefined;
  }

  /** Time from `since` to the connection of the device, or undefined if it has not connected within the limit. Monotonic ms. */
  async connected(device: string, since: number, limitMs: number): Promise<number | undefined> {
    while (performance.now() < since + limitMs) {
      const at = this.#connectedAt.get(`mien-${device}`);
      if (at !== undefined && at > since) return at - since;
      await sleep(20);
    }
    return undefined;
  }

  #onLine(line: string): void {
    const client = /New client connected from \S+ as (\S+) /.exec(line)?.[1];
    if (client) this.#connectedAt.set(client, performance.now());
  }
}
