import { setPriority } from 'node:os';

/**
 * Lowers the priority of a process or, with 0, of the calling thread (on Linux, `setpriority` applies to one thread). A hardened service may
 * forbid it (`SystemCallFilter=~@resources`): the work then goes on at normal priority.
 *
 * @param niceness 1 to 19, see nice(1)
 */
export function lowerPriority(pid: number, niceness: number): void {
  try {
    setPriority(pid, niceness);
  } catch {
    // Forbidden, or the process has already ended.
  }
}
