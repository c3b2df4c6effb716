import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { exitCode, MienError } from '../../core/errors.ts';

/** An installed Home Assistant: its version, its Debian release, its folder and its ports. */
export interface Installation {
  readonly version: string;
  readonly suite: string;
  readonly folder: string;
  readonly httpPort: number;
  readonly mqttPort: number;
}

export interface EntityState {
  readonly state: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** A real Home Assistant, started by the lab's script. It joins the broker on `mqttPort`. */
export class HomeAssistant {
  readonly #script: string;
  readonly #installation: Installation;
  #token = '';

  constructor(script: string, installation: Installation) {
    this.#script = script;
    this.#installation = installation;
  }

  /** Starts it, without the users and devices of the last run. Resolves after its birth message. */
  async up(): Promise<string> {
    await this.#run(['down', '--forget']);
    const line = await this.#run(['up']);
    this.#token = (await this.#run(['token'])).trim();
    return line.trim();
  }

  async restart(): Promise<void> {
    await this.#run(['restart']);
    this.#token = (await this.#run(['token'])).trim();
  }

  async down(): Promise<void> {
    await this.#run(['down']);
  }

  /** Validates a discovery payload with its own code. Returns one line per entity. */
  validate(payload: string): Promise<string> {
    return this.#run(['validate'], payload);
  }

  /** Entities by id. Empty while it does not answer. */
  async states(): Promise<ReadonlyMap<string, EntityState>> {
    const all = (await this.#request('GET', '/api/states')) as ({ entity_id: string } & EntityState)[];
    return new Map(all.map((each) => [each.entity_id, each]));
  }

  async call(domain: string, service: string, entity: string): Promise<void> {
    await this.#request('POST', `/api/services/${domain}/${service}`, { entity_id: entity });
  }

  /** The result of one of its templates. */
  async render(template: string): Promise<string> {
    return String(await this.#request('POST', '/api/template', { template }));
  }

  async #request(method: string, path: string, body?: object): Promise<unknown> {
    const response = await fetch(`http://127.0.0.1:${this.#installation.httpPort}${path}`, {
      method,
      headers: { authorization: `Bearer ${this.#token}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(10_000),
    });
    if (!response.ok)
      throw new Error(`Home Assistant answered ${response.status} to ${path}: ${await response.text()}`);
    const answer = await response.text();
    return path === '/api/template' ? answer : JSON.parse(answer);
  }

  /** @throws MienError (unavailable) with the end of the script's output */
  async #run(args: readonly string[], input = ''): Promise<string> {
    const { version, suite, folder, httpPort, mqttPort } = this.#installation;
    const ports = { HASS_PORT: String(httpPort), MQTT_PORT: String(mqttPort) };
    const env = { ...process.env, LAB: folder, HASS_SUITE: suite, HASS_VERSION: version, ...ports };
    const child = spawn(this.#script, [...args], { env, stdio: ['pipe', 'pipe', 'pipe'] });
    child.stdin.end(input);
    const [output, errors] = [text(child.stdout), text(child.stderr)];
    const [code] = await once(child, 'exit');
    // `validate` says with 1 that the payload is wrong, and its output has the reason.
    if (code === 0 || args[0] === 'validate') return `${await output}${args[0] === 'validate' ? await errors : ''}`;
    throw new MienError(`Home Assistant ${version}: ${args.join(' ')} failed: ${(await errors).trim().slice(-300)}`, {
      code: exitCode.unavailable,
      remedy: `Read hass.log in ${folder}/hass/run`,
    });
  }
}
