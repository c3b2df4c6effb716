import { readdirSync, readFileSync } from 'node:fs';

/** A process and its children: the daemon and the vision process. */
export function processTree(pid: number): number[] {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );
  return [pid, ...children];
}

/** Total user and system time (proc(5): fields 14 and 15 of stat, in ticks of 10 ms). */
export function cpuSeconds(pids: readonly number[]): number {
  return sum(pids, (pid) => {
    // The program's name ends at the last bracket and may hold blanks.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  });
}

/** Proportional set size: resident memory; shared pages count once. */
export function memoryMb(pids: readonly number[]): number {
  return sum(pids, (pid) => {
    const pss = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1];
    return Number(pss) / 1024;
  });
}

function sum(pids: readonly number[], of: (pid: number) => number): number {
  return pids.reduce((total, pid) => total + of(pid), 0);
}
