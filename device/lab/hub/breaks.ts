import { setTimeout as sleep } from 'node:timers/promises';
import type { Hub } from './hub.ts';

const minuteMs = 60_000;

interface BreakOptions {
  readonly seconds: number;
  /** Restarts the broker as well: devices and Telegraf are then away for seconds. */
  readonly restartBroker: boolean;
  readonly print: (line: string) => void;
}

/**
 * Telegraf killed after a quarter and three quarters of the time, PostgreSQL (and the broker) restarted after half of it. In a long
 * run each comes half a minute after the burst of minutes: within it, it delays the records of all devices by its own length.
 */
export async function interruptEngines(hub: Hub, { seconds, restartBroker, print }: BreakOptions): Promise<void> {
  const startedAt = Date.now();
  const quarter = (n: number) => sleep(Math.max(0, breakTime(startedAt, seconds, n) - Date.now()));
  await quarter(1);
  print('break     kill -9 of Telegraf');
  await killTelegraf(hub);
  await quarter(2);
  print('break     restart of PostgreSQL');
  await hub.database.end();
  await hub.database.start();
  if (restartBroker) {
    print('break     restart of Mosquitto');
    await hub.broker.end('SIGTERM');
    await hub.broker.start();
  }
  await quarter(3);
  print('break     kill -9 of Telegraf');
  await killTelegraf(hub);
}

/** @returns wall-clock time of the interruption `n` of 3, in ms; in a run of four minutes and more at half past a minute */
export function breakTime(startedAt: number, seconds: number, n: number): number {
  const at = startedAt + (n * seconds * 1000) / 4;
  return seconds < 240 ? at : Math.round((at - minuteMs / 2) / minuteMs) * minuteMs + minuteMs / 2;
}

async function killTelegraf({ ingesters }: Hub): Promise<void> {
  const first = ingesters[0]!;
  await first.end('SIGKILL');
  await first.start();
}
