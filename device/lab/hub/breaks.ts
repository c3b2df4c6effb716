import { setTimeout as sleep } from 'node:timers/promises';
import type { Hub } from './hub.ts';

interface BreakOptions {
  readonly seconds: number;
  /** Restarts the broker as well: devices and Telegraf are then away for seconds. */
  readonly restartBroker: boolean;
  readonly print: (line: string) => void;
}

/** Telegraf killed after a quarter and three quarters of the time, PostgreSQL (and the broker) restarted after half of it. */
export async function interruptEngines(hub: Hub, { seconds, restartBroker, print }: BreakOptions): Promise<void> {
  const quarter = (seconds * 1000) / 4;
  await sleep(quarter);
  print('break     kill -9 of Telegraf');
  await killTelegraf(hub);
  await sleep(quarter);
  print('break     restart of PostgreSQL');
  await hub.database.end();
  await hub.database.start();
  if (restartBroker) {
    print('break     restart of Mosquitto');
    await hub.broker.end('SIGTERM');
    await hub.broker.start();
  }
  await sleep(quarter);
  print('break     kill -9 of Telegraf');
  await killTelegraf(hub);
}

async function killTelegraf({ ingesters }: Hub): Promise<void> {
  const first = ingesters[0]!;
  await first.end('SIGKILL');
  await first.start();
}
