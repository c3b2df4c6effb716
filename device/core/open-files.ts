import { readFileSync } from 'node:fs';
import { exitCode, MienError } from './errors.ts';

/** The daemon needs 150 open files with 20 viewers; loading its modules alone needs 95. */
const minOpenFiles = 256;

/**
 * Must run before anything is loaded: with too few descriptors, Node reports existing modules as not found.
 *
 * @param limits text of /proc/self/limits; Node has raised the soft limit to the hard one
 * @param expected number of files that the command needs
 * @throws MienError (unavailable) where this process may open too few files
 */
export function requireOpenFiles(limits = readLimits(), expected = minOpenFiles): void {
  const limit = Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? Number.POSITIVE_INFINITY);
  if (limit >= expected) return;
  const raised = Math.max(1024, expected);
  throw new MienError(`This process may open ${limit} files at once, expected ${expected} or more`, {
    code: exitCode.unavailable,
    remedy: `Raise the limit, e.g. with "ulimit -n ${raised}", or LimitNOFILE=${raised} in the unit of systemd`,
  });
}

function readLimits(): string {
  try {
    return readFileSync('/proc/self/limits', 'utf8');
  } catch {
    return ''; // The limit is unknown, so the start goes on.
  }
}
