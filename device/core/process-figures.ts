import { readFileSync } from 'node:fs';

/** Figures of one process from /proc. A process that has ended has none, nor has a system without /proc. */

/** Clock ticks per second in /proc (sysconf(_SC_CLK_TCK)): 100 on every processor that Linux runs on today. */
const ticksPerSecond = 100;

export interface ProcessMemory {
  /** Pages in RAM, also those shared with other processes. */
  readonly residentBytes: number;
  /**
   * Anonymous pages, in RAM or swapped out. These pages leak and cannot be used by other processes; pages of program
   * files, models and libraries are shared or can be dropped.
   */
  readonly privateBytes: number;
}

/**
 * Reads `status` instead of the proportional size in `smaps_rollup`, for which the kernel walks all page tables under a
 * lock that the process itself needs.
 */
export function memoryOf(pid: number): ProcessMemory | undefined {
  const status = textOf(pid, 'status');
  const bytes = (field: string) => {
    const kilobytes = numberIn(status, new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm'));
    return kilobytes === undefined ? undefined : kilobytes * 1024;
  };
  const [resident, anonymous] = [bytes('VmRSS'), bytes('RssAnon')];
  if (resident === undefined || anonymous === undefined) return undefined;
  return { residentBytes: resident, privateBytes: anonymous + (bytes('VmSwap') ?? 0) };
}

/** CPU time of all threads since the start of the process, user and system (proc_pid_stat(5), fields 14 and 15). */
export function cpuSecondsOf(pid: number): number | undefined {
  // The name of the program, in brackets, may have spaces and brackets itself.
  const fields = textOf(pid, 'stat').split(') ').at(-1)?.split(' ') ?? [];
  const ticks = Number(fields[11]) + Number(fields[12]);
  return Number.isFinite(ticks) ? ticks / ticksPerSecond : undefined;
}

/** Bytes that the process has caused to be written to the disk since its start (proc_pid_io(5), write_bytes). */
export function writtenBytesOf(pid: number): number | undefined {
  return numberIn(textOf(pid, 'io'), /^write_bytes: (\d+)$/m);
}

function textOf(pid: number, file: 'status' | 'stat' | 'io'): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    // The process has ended, or a hardened system hides the file.
    return '';
  }
}

function numberIn(text: string, pattern: RegExp): number | undefined {
  const found = pattern.exec(text)?.[1];
  return found === undefined ? undefined : Number(found);
}
