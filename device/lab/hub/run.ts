import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { exitCode, MienError } from '../../core/errors.ts';
import { breakThings } from './breaks.ts';
import type { Broker } from './broker.ts';
import { checkFlow, checkPartitions } from './checks.ts';
import type { Database } from './database.ts';
import { Hub } from './hub.ts';
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
const drainMs = 120_000;

/** Starts the hub, loads it, breaks it, and reports what arrived. */
export async function runHub(options: HubOptions): Promise<HubOutcome> {
  const { folder, devices, telegrafs, tell } = options;
  const names = Array.from({ length: devices }, (_, n) => `sim-${String(n).padStart(5, '0')}`);
  const hub = await Hub.prepare(folder, names, telegrafs);
  try {
    await hub.start();
    tell(`hub       Mosquitto ${hub.broker.url}, PostgreSQL 127.0.0.1:${hub.database.port}, ${telegrafs} Telegraf`);
    const startedAt = performance.now();
    const [sent] = await Promise.all([runLoad(options, hub.broker, names), breakThings(hub, options)]);
    const seconds = (performance.now() - startedAt) / 1000;
    const there = await settled(sent, hub.database);
    if (hub.nodeRed) tell(`node-red  ${await checkFlow(hub.nodeRed, hub.database, names)}`);
    else tell('node-red  not checked: set NODE_RED to the path of its red.js');
    const panels = await runPanels(hub.database, hub.metrics, names[0]!);
    tell(`months    ${await checkPartitions(hub.database)}`);
    return { sent, there, seconds, panels };
  } finally {
    await hub.stop();
  }
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

/** Waits until the database holds what was sent, or for drainMs. */
async function settled(sent: Sent, database: Database): Promise<Found> {
  const deadline = performance.now() + drainMs;
  for (;;) {
    const there = await found(database);
    if (faults(sent, there).length === 0 || performance.now() > deadline) return there;
    await sleep(500);
  }
}
