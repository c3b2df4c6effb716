import { readdirSync, readFileSync } from 'node:fs';

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly name: string;
  readonly isZombie: boolean;
}

/** The compositor and the browser of a session, found by the home folder that no other process has. */
export class SessionProcesses {
  readonly #home: string;

  /** @param folder home of the session */
  constructor(folder: string) {
    this.#home = `HOME=${folder}`;
  }

  /** The process of the browser that the compositor has started. */
  browser(): number | undefined {
    const all = running();
    const cage = this.#cage(all);
    return all.find(({ parent, name }) => parent === cage?.pid && /^(cog|chromium)$/.test(name))?.pid;
  }

  /** The browser and all its children. */
  browserProcesses(): number[] {
    const all = running();
    const cage = this.#cage(all);
    return all.filter(({ group, name }) => group === cage?.group && name !== 'cage').map(({ pid }) => pid);
  }

  /** Memory of the session in MB (10^6 bytes), each shared page divided among its users. */
  memoryMb(): number {
    const all = running();
    const cage = this.#cage(all);
    const bytes = all.filter(({ group }) => group === cage?.group).map(({ pid }) => proportionalBytes(pid));
    return Math.round(bytes.reduce((sum, each) => sum + each, 0) / 1e6);
  }

  #cage(all: readonly Process[]): Process | undefined {
    return all.find(({ pid, name }) => name === 'cage' && environmentOf(pid).includes(this.#home));
  }
}

/** The variables with which a process was started, as `NAME=value`. */
export function environmentOf(pid: number): readonly string[] {
  return textOf(pid, 'environ').split('\0');
}

/** The name of a process; undefined once it has ended. */
export function runningName(pid: number): string | undefined {
  const found = processOf(pid);
  return found?.isZombie ? undefined : found?.name;
}

function running(): Process[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map((pid) => processOf(Number(pid))).filter((each) => each !== undefined && !each.isZombie) as Process[];
}

/** Fields of proc_pid_stat(5). */
function processOf(pid: number): Process | undefined {
  const [, name, fields] = /^\d+ \((.*)\) (.*)$/s.exec(textOf(pid, 'stat')) ?? [];
  if (name === undefined || fields === undefined) return undefined;
  const [state, parent, group] = fields.split(' ');
  return { pid, name, parent: Number(parent), group: Number(group), isZombie: state === 'Z' };
}

function proportionalBytes(pid: number): number {
  return 1024 * Number(/^Pss:\s+(\d+) kB$/m.exec(textOf(pid, 'smaps_rollup'))?.[1] ?? 0);
}

function textOf(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    // The process has ended, or belongs to another user.
    return '';
  }
}
