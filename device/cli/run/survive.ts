import type { Log } from '../../core/log.ts';

/** More within a minute is no accident: a service manager starts the daemon anew. */
const maxFaults = 5;
const withinMs = 60_000;

/**
 * Logs what a library threw where no part could catch it (in a timer, in an event of a socket), and lets the others go on.
 *
 * @returns resolves when that has happened too often
 */
export function untilBroken(log: Log): Promise<void> {
  const times: number[] = [];
  return new Promise((resolve) => {
    process.on('uncaughtException', (error: unknown) => {
      const stack = error instanceof Error ? error.stack : undefined;
      log.error({ err: error, stack }, 'A part failed unexpectedly; the others go on. Please report it');
      times.push(performance.now());
      if (times.length > maxFaults) times.shift();
      if (times.length === maxFaults && times.at(-1)! - times[0]! < withinMs) resolve();
    });
  });
}
