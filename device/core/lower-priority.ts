import { setPriority } from 'node:os';

/**
 * Lowers the priority of the calling thread and of those that it starts later (on Linux, setpriority(2) applies to one thread). A
 * hardened service may forbid it (`SystemCallFilter=~@resources`): the work then goes on at normal priority.
 *
 * @param niceness 1 to 19, see nice(1)
 */
export function lowerPriority(niceness: number): void {
  try {
    setPriority(0, niceness);
  } catch {
    // Forbidden, or the process has a lower one already.
  }
}
