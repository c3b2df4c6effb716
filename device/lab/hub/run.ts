import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { configSchema } from '../../config/schema.ts';
import { exitCode, MienError } from '../../core/errors.ts';
import { packageRoot } from '../../core/paths.ts';
import { checkAlerts } from './alerts.ts';
import { interruptEngines } from './breaks.ts';
import type { Broker } from './broker.ts';
import { checkFlow, checkPartitions } from './checks.ts';
import type { Database } from './database.ts';
import { Hub } from './hub.ts';
import { wrongMessages } from './load/records.ts';
import { type PanelResult, runPanels } from './panels.ts';
import { type Found, faults, found, type Sent } from './report.ts';

interface HubOptions {
  readonly folder: string;
  readonly devices: number;
  readonly seconds: number;
  /** Messages a second; 0: one minute record a minute and device, and one visit a second. */
  readonly rate: number;
  readonly telegrafs: number;
  readonly restartBroker: boolean;
  /** Program of the load, with its arguments; without one `mien simulate`, beside messages that are wrong on purpose. */
  readonly load: readonly string[] | undefined;
  readonly print: (line: string) => void;
}

interface HubOutcome {
  readonly sent: Sent;
  readonly there: Found;
  readonly seconds: number;
  readonly panels: readonly PanelResult[];
  readonly visitGapMs: number;
}

/** Longest time for Telegraf to write what waits after the end of the load. */
const drainMs = 120_000;

/** Starts the hub, loads it, breaks it, and reports what arrived. */
export async function runHub(options: HubOptions): Promise<HubOutcome> {
  const { folder, devices, telegrafs, load, print } = options;
  const names = Array.from({ length: devices }, (_, n) => `sim-${String(n + 1).padStart(5, '0')}`);
  const hub = await Hub.prepare(folder, names, telegrafs);
  try {
    await hub.start();
    print(`hub       Mosquitto ${hub.broker.url}, PostgreSQL 127.0.0.1:${hub.database.port}, ${telegrafs} Telegraf`);
    const startedAt = performance.now();
    const [sent] = await Promise.all([runLoad(options, hub.broker, names), interruptEngines(hub, options)]);
    const seconds = (performance.now() - startedAt) / 1000;
    const visitGapMs = load ? 0 : configSchema.shape.visits.parse({}).gapMs;
    const there = await settled(sent, hub.database, visitGapMs);
    if (hub.nodeRed) print(`node-red  ${await checkFlow(hub.nodeRed, hub.database, names)}`);
    else print('node-red  not checked: set NODE_RED to the path of its red.js');
    const panels = await runPanels(hub.database, hub.metrics, names[0]!);
    print(`months    ${await checkPartitions(hub.database)}`);
    print(`alerts    ${await checkAlerts(hub, names[0]!)}`);
    return { sent, there, seconds, panels, visitGapMs };
  } finally {
    await hub.stop();
  }
}

async function runLoad(options: HubOptions, broker: Broker, names: readonly string[]): Promise<Sent> {
  if (options.load) return runProgram(options.load, options, broker, names);
  const [sent, wrong] = await Promise.all([
    runProgram(simulation(options, broker), options, broker, names),
    sendWrong(broker, names.at(-1)!),
  ]);
  return { ...sent, ...wrong, visit: sent.visit + wrong.visit };
}

/** One visit per second of all devices, and a minute record per device. */
function simulation({ devices, seconds }: HubOptions, { url, ca }: Broker): string[] {
  const values = { devices, rate: 1, for: seconds, duplicates: 0.05, broker: url, base: 'mien' };
  const options = Object.entries(values).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const login = ['--user-template', '{device}', '--set', `mqtt.tls.ca=${ca}`];
  return [process.execPath, join(packageRoot, 'device/dist/cli.js'), 'simulate', ...options, ...login, '--json'];
}

async function runProgram(
  load: readonly string[],
  { seconds, rate, print }: HubOptions,
  { url, ca, password }: Broker,
  names: readonly string[],
): Promise<Sent> {
  const env = {
    ...process.env,
    ...{ HUB_URL: url, HUB_CA: ca, HUB_PASSWORD: password, HUB_DEVICES: names.join() },
    ...{ HUB_SECONDS: String(seconds), HUB_RATE: String(rate), MIEN_MQTT_PASSWORD: password },
  };
  const [file, ...args] = load;
  print(`load      ${load.join(' ')}`);
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

/** Sends each kind of message that PostgreSQL or its driver refuses, as a device. */
async function sendWrong(broker: Broker, device: string) {
  const counts = { stored: 0, rejected: 0, unparsed: 0 };
  const client = await broker.connect(device);
  for (const { kind, payload, ends } of wrongMessages(device, Date.now())) {
    counts[ends] += 1;
    await client.publishAsync(`mien/${device}/${kind}`, payload, { qos: 1 });
  }
  await client.endAsync();
  return { visit: counts.stored, rejected: counts.rejected, unparsed: counts.unparsed };
}

/** Waits until the database holds what was sent, or for drainMs. */
async function settled(sent: Sent, database: Database, visitGapMs: number): Promise<Found> {
  const deadline = performance.now() + drainMs;
  for (;;) {
    const there = await found(database, visitGapMs);
    if (faults(sent, there).length === 0 || performance.now() > deadline) return there;
    await sleep(500);
  }
}
