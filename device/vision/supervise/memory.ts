import { readFileSync } from 'node:fs';

/**
 * Private memory of process `pid`, in MB (10^6 bytes): its anonymous pages, in RAM or swapped out. These pages leak and
 * cannot be used by other processes; pages of program files, models and libraries are shared or can be dropped. Reads
 * `status` instead of the proportional size in `smaps_rollup`, for which the kernel walks all page tables under a lock
 * that the process itself needs.
 *
 * @returns undefined where the process has ended, or the system has no such file
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
    // The process ended between two checks; its end is reported separately.
    return '';
  }
}

/** A field of proc_pid_status(5); an ending process has none. */
function kilobytes(status: string, field: string): number | undefined {
  const found = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1];
  return found === undefined ? undefined : Number(found);
}
