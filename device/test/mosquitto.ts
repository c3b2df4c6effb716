import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { connect, type MqttClient } from 'mqtt';

export interface MosquittoOptions {
  /** Take this port, e.g. that of one that was stopped; a free one otherwise. */
  readonly port?: number;
  /** Users and passwords; without any, everybody may come in. */
  readonly users?: Readonly<Record<string, string>>;
  /** Lines of an ACL file. */
  readonly acl?: readonly string[];
}

export interface Mosquitto {
  readonly port: number;
  readonly url: string;
  /** Other lines for the ACL file; for those who are connected too. */
  allow(acl: readonly string[]): void;
  stop(): Promise<void>;
}

/** A real Mosquitto (Debian package `mosquitto`) on 127.0.0.1; resolves once it listens. */
export async function startMosquitto(options: MosquittoOptions = {}): Promise<Mosquitto> {
  const binary = ['/usr/sbin/mosquitto', '/usr/local/sbin/mosquitto'].find((path) => existsSync(path));
  if (!binary) throw new Error('mosquitto is missing; apt-get install mosquitto (npm test installs it)');
  const folder = mkdtempSync(join(tmpdir(), 'mien-mosquitto-'));
  const port = options.port ?? (await freePort());
  writeFileSync(join(folder, 'mosquitto.conf'), configLines(folder, port, options).join('\n'));
  const child = spawn(binary, ['-c', join(folder, 'mosquitto.conf')], { stdio: ['ignore', 'ignore', 'pipe'] });
  await listening(child);
  return {
    port,
    url: `mqtt://127.0.0.1:${port}`,
    allow(acl) {
      writeAcl(folder, acl);
      child.kill('SIGHUP');
    },
    async stop() {
      const isGone = child.exitCode !== null || child.signalCode !== null;
      if (!isGone) {
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function configLines(folder: string, port: number, { users, acl }: MosquittoOptions): string[] {
  // As root, Mosquitto would become a user who cannot read the folder.
  const lines = [`listener ${port} 127.0.0.1`, `user ${userInfo().username}`, `allow_anonymous ${!users}`];
  lines.push('log_dest stderr', 'log_type all');
  if (users) {
    const file = join(folder, 'passwords');
    writeFileSync(file, '', { mode: 0o600 });
    for (const [name, password] of Object.entries(users)) {
      execFileSync('mosquitto_passwd', ['-b', file, name, password], { stdio: 'pipe' });
    }
    lines.push(`password_file ${file}`);
  }
  if (acl) {
    writeAcl(folder, acl);
    lines.push(`acl_file ${join(folder, 'acl')}`);
  }
  return [...lines, ''];
}

function writeAcl(folder: string, acl: readonly string[]): void {
  writeFileSync(join(folder, 'acl'), `${acl.join('\n')}\n`, { mode: 0o600 });
}

async function listening(child: ChildProcess): Promise<void> {
  const lines: string[] = [];
  const reader = createInterface({ input: child.stderr! });
  await new Promise<void>((resolve, reject) => {
    reader.on('line', (line) => {
      lines.push(line);
      if (/mosquitto version .* running/.test(line)) resolve();
    });
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`mosquitto ended:\n${lines.join('\n')}`)));
  });
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

export interface Received {
  readonly topic: string;
  readonly text: string;
  readonly retain: boolean;
  readonly qos: number;
}

export interface Observer {
  readonly messages: readonly Received[];
  /** The payloads of one topic, parsed. */
  json(topic: string): Record<string, unknown>[];
  texts(topic: string): string[];
  stop(): Promise<void>;
}

/** A client that writes down what it hears; with `reconnect` it comes back when the broker does. */
export async function observe(
  url: string,
  filter: string,
  options: { reconnect?: boolean; username?: string; password?: string } = {},
): Promise<Observer> {
  const { reconnect, ...credentials } = options;
  const client: MqttClient = connect(url, { reconnectPeriod: reconnect ? 50 : 0, protocolVersion: 5, ...credentials });
  const messages: Received[] = [];
  client.on('message', (topic, payload, { retain, qos }) => {
    messages.push({ topic, text: payload.toString(), retain, qos });
  });
  await new Promise((resolve, reject) => {
    client.once('connect', resolve);
    // Later ones are the outages that tests make.
    client.on('error', reject);
  });
  // As the broker itself saw it: retained stays retained.
  await client.subscribeAsync(filter, { qos: 1, rap: true });
  const texts = (topic: string) => messages.filter((each) => each.topic === topic).map(({ text }) => text);
  return {
    messages,
    texts,
    json: (topic) => texts(topic).map((text) => JSON.parse(text)),
    stop: () => client.endAsync(true),
  };
}
