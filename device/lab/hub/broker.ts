import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connectAsync, type MqttClient } from 'mqtt';
import { makeSelfSigned } from '../../cli/access/self-signed.ts';
import { answers, Engine, findProgram } from './engine.ts';
import { folderFor, give, hubFile, writeFor } from './files.ts';

const user = 'mosquitto';

/** Logins of the hub's services. */
const services = ['ingest', 'homeassistant', 'nodered'] as const;

/** Mosquitto with TLS, passwords and ACL, from the deployed files. */
export class Broker {
  readonly url: string;
  /** The self-signed certificate of the broker. */
  readonly ca: string;
  /** One password for all users of this run. */
  readonly password = randomBytes(12).toString('hex');
  readonly #engine: Engine;
  readonly #port: number;

  private constructor(folder: string, port: number, devices: readonly string[]) {
    const home = folderFor(user, join(folder, 'mosquitto'));
    const data = folderFor(user, join(home, 'data'));
    this.#port = port;
    this.url = `mqtts://127.0.0.1:${port}`;
    this.ca = join(folder, 'server.crt');
    const certificate = join(home, 'server.crt');
    copyFileSync(join(folder, 'server.crt'), certificate);
    copyFileSync(join(folder, 'server.key'), join(home, 'server.key'));
    give(user, certificate);
    give(user, join(home, 'server.key'));
    writeFor(user, join(home, 'acl'), hubFile('mosquitto/acl'));
    const logins = [...services, ...devices].map((name) => `${name}:${this.password}\n`).join('');
    writeFor(user, join(home, 'passwords'), logins);
    // Replaces the passwords by their hashes.
    execFileSync('mosquitto_passwd', ['-U', join(home, 'passwords')], { stdio: 'pipe' });
    give(user, join(home, 'passwords'));
    const config = hubFile('mosquitto/mosquitto.conf', {
      'listener 8883': `listener ${port} 127.0.0.1`,
      '/etc/mosquitto/mien': home,
      '/var/lib/mosquitto/': `${data}/`,
    });
    writeFor(user, join(home, 'mosquitto.conf'), config);
    const file = findProgram('mosquitto', ['/usr/sbin', '/usr/local/sbin'], 'apt-get install mosquitto');
    const args = ['-c', join(home, 'mosquitto.conf')];
    this.#engine = new Engine({ name: 'mosquitto', file, args, logFile: join(folder, 'mosquitto.log') });
  }

  /** @param devices names of devices, each with a login */
  static async prepare(folder: string, port: number, devices: readonly string[]): Promise<Broker> {
    const cert = join(folder, 'server.crt');
    await makeSelfSigned({ cert, key: join(folder, 'server.key'), names: ['127.0.0.1'], days: 2 });
    return new Broker(folder, port, devices);
  }

  start(): Promise<void> {
    return this.#engine.start(() => answers(this.#port));
  }

  /** A client with the login of a device or a service. */
  connect(username: string): Promise<MqttClient> {
    const login = { ca: readFileSync(this.ca), username, password: this.password };
    return connectAsync(this.url, { ...login, protocolVersion: 5 });
  }

  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    return this.#engine.end(signal);
  }
}
