import { chmodSync } from 'node:fs';
import { freePort } from '../fixtures/mosquitto.ts';
import { Broker } from './broker.ts';
import { Database } from './database.ts';
import { DeviceMetrics } from './device-metrics.ts';
import { Ingester } from './ingester.ts';
import { MetricsStore } from './metrics-store.ts';
import { NodeRed, nodeRedProgram } from './node-red.ts';

/** All engines of the hub, on free ports of this machine. */
export class Hub {
  readonly broker: Broker;
  readonly database: Database;
  /** One Telegraf, or several on the shared subscription. */
  readonly ingesters: readonly Ingester[];
  readonly metrics: MetricsStore;
  /** Undefined without Node-RED on this machine. */
  readonly nodeRed: NodeRed | undefined;
  readonly #device: DeviceMetrics;

  private constructor(
    parts: Pick<Hub, 'broker' | 'database' | 'ingesters' | 'metrics' | 'nodeRed'>,
    device: DeviceMetrics,
  ) {
    this.broker = parts.broker;
    this.database = parts.database;
    this.ingesters = parts.ingesters;
    this.metrics = parts.metrics;
    this.nodeRed = parts.nodeRed;
    this.#device = device;
  }

  /** @param names of devices, each with a login at the broker */
  static async prepare(folder: string, names: readonly string[], telegrafs: number): Promise<Hub> {
    // The engines run as other users below it.
    chmodSync(folder, 0o755);
    const program = nodeRedProgram();
    const broker = await Broker.prepare(folder, await freePort(), names);
    const database = new Database(folder, await freePort());
    const ingesters: Ingester[] = [];
    for (let n = 1; n <= telegrafs; n++) {
      ingesters.push(
        new Ingester(folder, await freePort(), { name: `telegraf-${n}`, isShared: telegrafs > 1, broker, database }),
      );
    }
    const device = new DeviceMetrics();
    const targets = ingesters.map(({ metricsPort }, n) => ({
      job: 'telegraf',
      port: metricsPort,
      instance: `hub-${n}`,
    }));
    const metrics = new MetricsStore(folder, await freePort(), [
      { job: 'mien', port: await device.start(), instance: names[0]! },
      ...targets,
    ]);
    const nodeRed = program ? new NodeRed(program, folder, await freePort(), broker) : undefined;
    return new Hub({ broker, database, ingesters, metrics, nodeRed }, device);
  }

  async start(): Promise<void> {
    await Promise.all([this.broker.start(), this.database.start(), this.metrics.start()]);
    await this.database.createSchema();
    await Promise.all([...this.ingesters.map((each) => each.start()), this.nodeRed?.start()]);
  }

  async stop(): Promise<void> {
    this.#device.stop();
    await Promise.all([this.nodeRed?.end(), ...this.ingesters.map((each) => each.end('SIGTERM'))]);
    await Promise.all([this.broker.end('SIGTERM'), this.database.end(), this.metrics.end()]);
  }
}
