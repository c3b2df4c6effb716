import { readFileSync } from 'node:fs';

/**
 * Memory of processes in MB (10^6 bytes) as if they were alone on the machine: anonymous pages, and each part of a mapped file once.
 * The proportional set size depends on neighbours: a checkout looks small while another one has the same Node and the same libraries
 * in memory.
 */
export function ownMemoryMb(pids: readonly number[]): number {
  return memoryOf(pids.map((pid) => readFileSync(`/proc/${pid}/smaps`, 'utf8'))) / 1e6;
}

/** @param texts the smaps of each process, see proc_pid_smaps(5). @returns bytes */
export function memoryOf(texts: readonly string[]): number {
  const files = new Map<string, number>();
  let anonymous = 0;
  for (const text of texts) {
    for (const mapping of text.split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m)) {
      const [, offset, device, inode] = /^\S+ \S+ (\S+) (\S+) (\d+)/.exec(mapping) ?? [];
      const own = kilobytes(mapping, 'Anonymous');
      anonymous += own;
      if (inode === undefined || inode === '0') continue;
      // Processes have the same part of a file in the same page of memory.
      const part = `${device} ${inode} ${offset}`;
      files.set(part, Math.max(files.get(part) ?? 0, kilobytes(mapping, 'Rss') - own));
    }
  }
  return 1024 * [...files.values()].reduce((sum, each) => sum + each, anonymous);
}

function kilobytes(mapping: string, field: string): number {
  return Number(new RegExp(`^${field}: +(\\d+) kB$`, 'm').exec(mapping)?.[1] ?? 0);
}
