import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { exitCode, MienError } from '../../core/errors.ts';
import { freePort } from '../fixtures/mosquitto.ts';
import { Broker } from './broker.ts';
import { Database } from './database.ts';
import { DeviceMetrics } from './device-metrics.ts';
import { Ingester, telegraf } from './ingester.ts';
import { MetricsStore } from './metrics-store.ts';
import { NodeRed, nodeRedProgram } from './node-red.ts';
import { type PanelResult, runPanels } from './panels.ts';
import { type Found, faults, found, type Sent } from './report.ts';

interface HubOptions {
  readonly folder: string;
  readonly devices: number;
  readonly seconds: number;
  /** Messages a second; 0: one minute record a minute and device, and one visit a second. */
  readonly rate: number;
  /** Program of the load, with its arguments. */
  readonly load: readonly string[];
  readonly tell: (line: string) => void;
}

interface HubOutcome {
  readonly sent: Sent;
  readonly there: Found;
  readonly seconds: number;
  readonly panels: readonly PanelResult[];
}

/** Longest time for Telegraf to write what waits after the end of the load. */
const drainMs = 60_000;

/** Starts the hub, loads it, breaks it, and reports what arrived. */
export async function runHub(options: HubOptions): Promise<HubOutcome> {
  const { folder, devices, seconds, tell } = options;
  telegraf();
  // The engines run as other users below it.
  chmodSync(folder, 0o755);
  const names = Array.from({ length: devices }, (_, n) => `sim-${String(n).padStart(5, '0')}`);
  const broker = await Broker.prepare(folder, await freePort(), names);
  const database = new Database(folder, await freePort());
  const ingester = new Ingester(folder, await freePort(), { name: 'telegraf-1', broker, database });
  const program = nodeRedProgram();
  const nodeRed = program ? new NodeRed(program, folder, await freePort(), broker) : undefined;
  const device = new DeviceMetrics();
  const metrics = new MetricsStore(folder, await freePort(), [
    { job: 'mien', port: await device.start(), instance: names[0]! },
    { job: 'telegraf', port: ingester.metricsPort, instance: 'hub' },
  ]);
  try {
    await Promise.all([broker.start(), database.start(), metrics.start()]);
    await database.createSchema();
    await Promise.all([ingester.start(), nodeRed?.start()]);
    tell(`hub       Mosquitto ${broker.url}, PostgreSQL 127.0.0.1:${database.port}, Telegraf`);
    const startedAt = performance.now();
    const [sent] = await Promise.all([runLoad(options, broker, names), breakThings(seconds, ingester, database, tell)]);
    const took = (performance.now() - startedAt) / 1000;
    const there = await settled(sent, database);
    if (nodeRed) await checkFlow(nodeRed, database, names, tell);
    else tell('node-red  not checked: set NODE_RED to the path of its red.js');
    return { sent, there, seconds: took, panels: await runPanels(database, metrics, names[0]!) };
  } finally {
    device.stop();
    await nodeRed?.end();
    await Promise.all([broker.end('SIGTERM'), ingester.end('SIGTERM'), database.end(), metrics.end()]);
  }
}

/** Telegraf killed after a quarter and three quarters of the time, PostgreSQL restarted after half of it. */
async function breakThings(
  seconds: number,
  ingester: Ingester,
  database: Database,
  tell: HubOptions['tell'],
): Promise<void> {
  const killTelegraf = async () => {
    tell('break     kill -9 of Telegraf');
    await ingester.end('SIGKILL');
    await ingester.start();
  };
  const quarter = (seconds * 1000) / 4;
  await sleep(quarter);
  await killTelegraf();
  await sleep(quarter);
  tell('break     restart of PostgreSQL');
  await database.end();
  await database.start();
  await sleep(quarter);
  await killTelegraf();
}

async function runLoad({ load, seconds, rate, tell }: HubOptions, broker: Broker, names: string[]): Promise<Sent> {
  const env = {
    ...process.env,
    ...{ HUB_URL: broker.url, HUB_CA: broker.ca, HUB_PASSWORD: broker.password, HUB_DEVICES: names.join() },
    ...{ HUB_SECONDS: String(seconds), HUB_RATE: String(rate) },
  };
  const [file, ...args] = load;
  tell(`load      ${load.join(' ')}`);
  const child = spawn(file!, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (bytes: Buffer) => {
    text += bytes.toString();
  });
  const [code] = (await once(child, 'close')) as [number | null];
  const line = text.trim().split('\n').at(-1) ?? '';
  if (code === 0 && line.startsWith('{')) return JSON.parse(line) as Sent;
  throw new MienError(`expected the load to print its counts, got exit code ${code} and "${line.slice(0, 200)}"`, {
    code: exitCode.unavailable,
    remedy: `Run it alone: ${load.join(' ')}`,
  });
}

/** The flow has counted each visit once, and it has an alert for each device, all of which are offline now. */
async function checkFlow(flow: NodeRed, database: Database, names: string[], tell: HubOptions['tell']): Promise<void> {
  const { visits, alerts } = await flow.seen();
  // The last device sends wrong messages as well, some of which the flow counts.
  const last = names.at(-1)!;
  const counted = Object.entries(visits).reduce((sum, [name, count]) => sum + (name === last ? 0 : count), 0);
  const [row] = await database.rows<{ count: number }>(`select count(*) from visit where device <> '${last}'`);
  tell(`node-red  ${counted} visits, each once; ${alerts.length} devices with an alert`);
  if (counted === row!.count && alerts.length === names.length) return;
  throw new MienError(`Node-RED: expected ${row!.count} visits and ${names.length} alerts`, {
    code: exitCode.badData,
    remedy: 'Open the flow in its editor.',
  });
}

/** Waits until the database holds what was sent, or for drainMs. */
async function settled(sent: Sent, database: Database): Promise<Found> {
  const deadline = performance.now() + drainMs;
  for (;;) {
    const there = await found(database);
    if (faults(sent, there).length === 0 || performance.now() > deadline) return there;
    await sleep(500);
  }
}
