import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createConnection } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { childEnvironment } from '../../core/child-environment.ts';
import { baseOf, type Suite } from './base.ts';

export interface HostPlan {
  readonly name: string;
  readonly address: string;
  readonly suite: Suite;
}

export interface Surroundings {
  /** Folder of the base systems. */
  readonly lab: string;
  /** Folder of this run. */
  readonly folder: string;
  readonly bridge: string;
  /** Public key that may log in as root. */
  readonly login: string;
  /** The pinned host keys of the controller. */
  readonly knownHosts: string;
}

const bootMs = 90_000;
const stopMs = 10_000;

/** A Debian host with its own systemd, address and SSH server: systemd-nspawn over a base system. Its files survive a cut of its power. */
export class Host {
  readonly plan: HostPlan;
  readonly #around: Surroundings;
  readonly #root: string;
  #container: ChildProcess | undefined;
  #leader = 0;

  constructor(plan: HostPlan, around: Surroundings) {
    this.plan = plan;
    this.#around = around;
    this.#root = join(around.folder, plan.name, 'root');
  }

  /** A file of the host, also while it is off. */
  path(path: string): string {
    return join(this.#root, path);
  }

  /** Where a symbolic link of the host leads. */
  linkAt(path: string): string | undefined {
    try {
      return readlinkSync(this.path(path));
    } catch {
      return undefined;
    }
  }

  /** Writes what an image has: name, address, host keys, the login of the operator. */
  prepare(): void {
    const { name, address, suite } = this.plan;
    const { lab, folder, login, knownHosts } = this.#around;
    const at = (...path: string[]) => join(this.#root, ...path);
    for (const part of ['upper', 'work', 'root']) mkdirSync(join(folder, name, part), { recursive: true });
    const layers = ['upper', 'work'].map((part) => `${part}dir=${join(folder, name, part)}`);
    const options = [`lowerdir=${baseOf(lab, suite)}`, ...layers].join();
    execFileSync('mount', ['-t', 'overlay', 'overlay', '-o', options, this.#root]);
    writeFileSync(at('etc/hostname'), `${name}\n`);
    writeFileSync(at('etc/hosts'), `127.0.0.1 localhost\n127.0.1.1 ${name}\n`);
    writeFileSync(at('etc/machine-id'), '');
    mkdirSync(at('root/.ssh'), { mode: 0o700, recursive: true });
    copyFileSync(login, at('root/.ssh/authorized_keys'));
    execFileSync('ssh-keygen', ['-q', '-A', '-f', this.#root]);
    const key = readFileSync(at('etc/ssh/ssh_host_ed25519_key.pub'), 'utf8').split(' ').slice(0, 2).join(' ');
    appendFileSync(knownHosts, `${address} ${key}\n`);
    writeFileSync(at('etc/systemd/system/lab-network.service'), networkUnit(address));
    link(
      '/etc/systemd/system/lab-network.service',
      at('etc/systemd/system/multi-user.target.wants/lab-network.service'),
    );
    link('/lib/systemd/system/ssh.service', at('etc/systemd/system/multi-user.target.wants/ssh.service'));
    link('/dev/null', at('etc/systemd/system/systemd-remount-fs.service'));
    // Managers of users hold up the end of a host.
    link('/dev/null', at('etc/systemd/system/user@.service'));
  }

  /** Boots the host and waits for its SSH server. */
  async start(): Promise<void> {
    const { name } = this.plan;
    const flags = ['--register=no', '--keep-unit', '-q', '-M', name, '-b', '-D', this.#root, '--resolv-conf=off'];
    flags.push('--console=read-only', `--network-bridge=${this.#around.bridge}`);
    // Ends with this process, whatever ends it.
    const container = spawn('setpriv', ['--pdeathsig', 'KILL', '--', 'systemd-nspawn', ...flags], {
      env: { ...childEnvironment(), SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: '1' },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#container = container;
    let said = '';
    container.stderr.on('data', (text) => {
      said = `${said}${text}`.slice(-500);
    });
    for (const end = performance.now() + bootMs; performance.now() < end; await sleep(200)) {
      if (container.exitCode !== null) break;
      this.#leader = childrenOf(container.pid!)[0] ?? 0;
      if (this.#leader > 0 && (await answers(this.plan.address))) return;
    }
    throw new Error(`the host ${name} did not boot within ${bootMs / 1000} s: ${said.trim()}`);
  }

  /** Ends every process of the host at once, as a power cut does. What it had written stays, also what it had not yet synced. */
  async cut(): Promise<void> {
    const container = this.#container;
    if (!container) return;
    this.#container = undefined;
    if (container.exitCode !== null || container.signalCode !== null) return;
    const ended = once(container, 'exit');
    process.kill(this.#leader, 'SIGKILL');
    await ended;
  }

  /** Runs a program in the host. @returns its output @throws Error if it fails */
  run(file: string, ...args: string[]): string {
    const inside = ['-t', String(this.#leader), '-m', '-u', '-i', '-n', '-p', file, ...args];
    const options = {
      encoding: 'utf8',
      stdio: 'pipe',
      env: { PATH: '/usr/local/bin:/usr/sbin:/usr/bin' },
    } as const;
    return execFileSync('nsenter', inside, options).trim();
  }

  /** The output of a program in the host, or its error. */
  tell(file: string, ...args: string[]): string {
    try {
      return this.run(file, ...args);
    } catch (error) {
      const { stdout, stderr, message } = error as { stdout?: string; stderr?: string; message: string };
      return stdout || stderr || message;
    }
  }

  async stop(): Promise<void> {
    const container = this.#container;
    if (container) {
      const ended = once(container, 'exit');
      container.kill('SIGTERM');
      if (!(await Promise.race([ended.then(() => true), sleep(stopMs, false)]))) await this.cut();
      this.#container = undefined;
    }
    try {
      execFileSync('umount', [this.#root], { stdio: 'ignore' });
    } catch {
      // It was not mounted.
    }
  }
}

function networkUnit(address: string): string {
  const up = `ip link set lo up; ip address replace ${address}/24 dev host0; ip link set host0 up`;
  return `[Unit]\nBefore=ssh.service\n[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/sh -c '${up}'\n`;
}

function link(to: string, path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  rmSync(path, { force: true });
  symlinkSync(to, path);
}

function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** Whether the SSH server greets. */
function answers(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: address, port: 22, timeout: 1000 });
    const end = (isThere: boolean) => {
      socket.destroy();
      resolve(isThere);
    };
    socket.once('data', () => end(true));
    for (const event of ['error', 'timeout', 'close'] as const) socket.once(event, () => end(false));
  });
}
