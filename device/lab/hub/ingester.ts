import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { exitCode, MienError } from '../../core/errors.ts';
import { packageRoot } from '../../core/paths.ts';
import type { Broker } from './broker.ts';
import type { Database } from './database.ts';
import { Engine, findProgram } from './engine.ts';
import { hubFiles } from './files.ts';

/** Telegraf from the deployed file. */
export class Ingester {
  readonly metricsPort: number;
  readonly #engine: Engine;
  readonly #logStart: { length: number } = { length: 0 };

  /** @param name of this Telegraf; a second one has another name */
  constructor(folder: string, metricsPort: number, { name, isShared, broker, database }: Surroundings) {
    this.metricsPort = metricsPort;
    const env = {
      HUB_MQTT_URL: broker.url.replace('mqtts:', 'ssl:'),
      HUB_MQTT_USER: 'ingest',
      HUB_MQTT_PASSWORD: broker.password,
      HUB_MQTT_CA: broker.ca,
      HUB_POSTGRESQL: database.urlFor('mien_ingest'),
      HUB_CLIENT_ID: name,
      HUB_SHARE: isShared ? '$share/ingest/' : '',
      HUB_TELEGRAF_METRICS: `127.0.0.1:${metricsPort}`,
    };
    const configs = ['telegraf.conf', 'mqtt.conf'].map((name) => join(hubFiles, 'telegraf', name));
    const args = ['--strict-env-handling', ...configs.flatMap((path) => ['--config', path])];
    this.#engine = new Engine({ name: 'telegraf', file: telegraf(), args, env, logFile: join(folder, `${name}.log`) });
  }

  get log(): string {
    return this.#engine.log;
  }

  /** Resolves when all inputs are connected to the broker. */
  start(): Promise<void> {
    this.#logStart.length = this.log.length;
    const inputs = 3;
    return this.#engine.start(() => this.log.slice(this.#logStart.length).split('Connected [').length > inputs);
  }

  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    return this.#engine.end(signal);
  }
}

interface Surroundings {
  readonly name: string;
  /** Whether it divides the messages with others. */
  readonly isShared: boolean;
  readonly broker: Broker;
  readonly database: Database;
}

/**
 * Telegraf's program: of the environment variable TELEGRAF, or of PATH.
 *
 * @throws MienError (`unavailable`) with a way to get it
 */
export function telegraf(): string {
  const named = process.env.TELEGRAF;
  const lab = join(packageRoot, '..', 'shared', 'lab', 'hub.sh');
  const remedy = existsSync(lab)
    ? 'Build it with LAB=FOLDER ../shared/lab/hub.sh up and set TELEGRAF=FOLDER/bin/telegraf.'
    : 'Install it from https://docs.influxdata.com/telegraf/v1/install/ or set TELEGRAF to its path.';
  if (named && !existsSync(named)) {
    const message = `TELEGRAF: expected the path of the program telegraf, got ${named}, which does not exist`;
    throw new MienError(message, { code: exitCode.unavailable, remedy });
  }
  return named ?? findProgram('telegraf', [], remedy);
}
