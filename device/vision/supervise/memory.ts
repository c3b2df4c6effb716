import { readFileSync } from 'node:fs';

/**
 * Memory that process `pid` has for itself, in MB (10^6 bytes): its anonymous pages, in RAM or swapped out. That is what
 * leaks and what no other process can use; pages of program files, models and libraries are shared with the daemon or can
 * be dropped, and count for nobody. `status` is read instead of the proportional size in `smaps_rollup`, for which the
 * kernel walks all page tables under a lock that the process itself needs.
 *
 * @returns undefined where the process has gone, or the system has no such file
 */
export function privateMemoryMb(pid: number): number | undefined {
  const status = statusOf(pid);
  const anonymous = kilobytes(status, 'RssAnon');
  return anonymous === undefined
    ? undefined
    : Math.round(((anonymous + (kilobytes(status, 'VmSwap') ?? 0)) * 1024) / 1e6);
}

function statusOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    // The process ended between two looks; its end is reported by itself.
    return '';
  }
}

/** A field of proc_pid_status(5); a process that is ending has none. */
function kilobytes(status: string, field: string): number | undefined {
  const found = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1];
  return found === undefined ? undefined : Number(found);
}
