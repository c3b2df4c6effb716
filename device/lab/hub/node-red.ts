import { cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectAsync } from 'mqtt';
import { exitCode, MienError } from '../../core/errors.ts';
import type { Broker } from './broker.ts';
import { Engine } from './engine.ts';
import { hubFiles } from './files.ts';

/** Seconds without a device until the alert, in this test. */
const graceS = 1;

/** Counts of the deployed flow. */
interface FlowResult {
  /** Visits by device, each counted once. */
  readonly visits: Readonly<Record<string, number>>;
  /** Devices that are offline by a retained alert at the broker. */
  readonly alerts: readonly string[];
}

/** Node-RED with the deployed flow. */
export class NodeRed {
  readonly #engine: Engine;
  readonly #broker: Broker;
  readonly #home: string;

  /** @param program path of red.js */
  constructor(program: string, folder: string, port: number, broker: Broker) {
    this.#broker = broker;
    this.#home = join(folder, 'node-red');
    mkdirSync(this.#home);
    cpSync(join(hubFiles, 'node-red'), this.#home, { recursive: true });
    const { hostname, port: brokerPort } = new URL(broker.url);
    const env = {
      ...{ HUB_MQTT_HOST: hostname, HUB_MQTT_PORT: brokerPort, HUB_MQTT_CA: broker.ca },
      ...{ HUB_MQTT_USER: 'nodered', HUB_MQTT_PASSWORD: broker.password, HUB_OFFLINE_S: String(graceS) },
      ...{ HUB_NODERED_PORT: String(port), HUB_NODERED_PASSWORD_HASH: 'nobody logs in' },
    };
    const args = [program, '-u', this.#home];
    const logFile = join(folder, 'node-red.log');
    this.#engine = new Engine({ name: 'Node-RED', file: process.execPath, args, env, logFile });
  }

  /** Resolves when the flow is connected to the broker. */
  start(): Promise<void> {
    return this.#engine.start(() => this.#engine.log.includes('Connected to broker'), 60_000);
  }

  /**
   * Stops Node-RED, which then writes what its flow remembers.
   *
   * @param devices number of alerts to wait for, at most 30 s
   */
  async stopAndRead(devices: number): Promise<FlowResult> {
    const login = { ca: readFileSync(this.#broker.ca), username: 'nodered', password: this.#broker.password };
    const client = await connectAsync(this.#broker.url, { ...login, protocolVersion: 5 });
    const alerts = new Set<string>();
    client.on('message', (_topic, payload) => {
      const { device, alert } = JSON.parse(payload.toString()) as { device: string; alert: string };
      if (alert === 'offline') alerts.add(device);
      else alerts.delete(device);
    });
    await client.subscribeAsync('hub/alert/+', { qos: 1 });
    const deadline = performance.now() + 30_000;
    while (alerts.size < devices && performance.now() < deadline) await sleep(100);
    await client.endAsync();
    await this.end();
    const context = JSON.parse(readFileSync(join(this.#home, 'context/mien/flow.json'), 'utf8'));
    return { visits: context.visits ?? {}, alerts: [...alerts] };
  }

  end(): Promise<void> {
    return this.#engine.end('SIGTERM');
  }
}

/**
 * Path of Node-RED's red.js, of the environment variable NODE_RED; undefined without the variable.
 *
 * @throws MienError (`unavailable`) if the file does not exist
 */
export function nodeRedProgram(): string | undefined {
  const program = process.env.NODE_RED;
  if (!program || existsSync(program)) return program;
  throw new MienError(`NODE_RED: expected the path of red.js, got ${program}, which does not exist`, {
    code: exitCode.unavailable,
    remedy: 'Install it with npm install node-red@4 in a folder of its own; the file is node_modules/node-red/red.js.',
  });
}
