import { fstatSync, writeSync } from 'node:fs';

/** Sends lines such as `READY=1` to systemd, sd_notify(3). @throws errors of the system, such as a full queue (EAGAIN) */
export type Notify = (...lines: readonly string[]) => void;

/** First descriptor that systemd passes, sd_listen_fds(3). */
const firstDescriptor = 3;
/** Name of the descriptor in `OpenFile=`, and of the launcher (systemd/launch/). */
const socketName = 'notify';

/**
 * The notification socket, which the daemon has inherited as a connected descriptor: Node opens no datagram socket of the file
 * system by itself, and a program for each ping costs 50 ms. Undefined where nobody has passed it to this process.
 */
export function notifySocket(env: NodeJS.ProcessEnv = process.env): Notify | undefined {
  if (env.LISTEN_PID !== String(process.pid)) return undefined;
  const names = (env.LISTEN_FDNAMES ?? '').split(':').slice(0, Number(env.LISTEN_FDS));
  const at = names.indexOf(socketName);
  if (at < 0 || !isSocket(firstDescriptor + at)) return undefined;
  return (...lines) => void writeSync(firstDescriptor + at, lines.join('\n'));
}

/** Interval within which systemd expects a sign of life, in ms; undefined without a watchdog for this process. */
export function watchdogIntervalMs(env: NodeJS.ProcessEnv = process.env): number | undefined {
  const us = Number(env.WATCHDOG_USEC);
  const isMeant = env.WATCHDOG_PID === undefined || env.WATCHDOG_PID === String(process.pid);
  return isMeant && us > 0 ? us / 1000 : undefined;
}

function isSocket(descriptor: number): boolean {
  try {
    return fstatSync(descriptor).isSocket();
  } catch {
    return false; // It is closed.
  }
}
