import type { Log } from '../../core/log.ts';

/** Limit of faults within a minute. At the limit the daemon ends, and a service manager restarts it. */
const maxFaults = 5;
const withinMs = 60_000;

/**
 * Logs uncaught exceptions of libraries (in a timer, in an event of a socket) and keeps the daemon running.
 *
 * @returns resolves at the limit of faults
 */
export function untilBroken(log: Log): Promise<void> {
  const times: number[] = [];
  return new Promise((resolve) => {
    process.on('uncaughtException', (error: unknown) => {
      const stack = error instanceof Error ? error.stack : undefined;
      log.error({ err: error, stack }, 'A part failed unexpectedly; the other parts continue. Please report it');
      times.push(performance.now());
      if (times.length > maxFaults) times.shift();
      if (times.length === maxFaults && times.at(-1)! - times[0]! < withinMs) resolve();
    });
  });
}
