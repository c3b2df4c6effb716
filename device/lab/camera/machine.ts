import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { childEnvironment } from '../../core/child-environment.ts';
import { freePort } from '../fixtures/mosquitto.ts';
import { type Disk, diskIn } from './disk.ts';

/** Where the folder `shared` appears in the machine. */
export const sharedFolder = '/mnt/lab';
const bootLimitMs = 10 * 60_000;
/** Of one program in the machine, which computes 20 to 50 times slower than this one. */
const programLimitMs = 15 * 60_000;
const run = promisify(execFile);

export interface MachineOptions {
  /** Folder of the lab: the disk, and the files of a running machine. */
  readonly lab: string;
  /** A folder that the machine reads. */
  readonly shared: string;
  /** Port of the page in the machine, on its own 127.0.0.1. */
  readonly pagePort: number;
}

/**
 * A virtual machine (QEMU without KVM) with Debian 12 and its kernel: cameras, memory and task limits are real. What it writes
 * is lost at its end.
 */
export class Machine {
  /** Address of the page in the machine, from here. */
  readonly page: string;
  readonly #options: MachineOptions;
  readonly #disk: Disk;
  readonly #folder: string;
  readonly #ports: { readonly ssh: number; readonly page: number };
  readonly #processes: ChildProcess[] = [];

  private constructor(options: MachineOptions, disk: Disk, ports: { ssh: number; page: number }) {
    this.#options = options;
    this.#disk = disk;
    this.#ports = ports;
    this.#folder = mkdtempSync(join(options.lab, 'camera-machine-'));
    this.page = `http://127.0.0.1:${ports.page}`;
  }

  /** Boots a machine, and makes its disk at the first time. */
  static async start(options: MachineOptions): Promise<Machine> {
    const disk = diskIn(join(options.lab, 'camera-disk'));
    const machine = new Machine(options, disk, { ssh: await freePort(), page: await freePort() });
    try {
      await machine.#boot();
    } catch (error) {
      await machine.stop();
      throw error;
    }
    return machine;
  }

  /** Runs a program as root. @returns its output @throws Error if it fails */
  async run(...command: readonly string[]): Promise<string> {
    const words = command.map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`);
    const options = { env: childEnvironment(), timeout: programLimitMs, maxBuffer: 2 ** 26 };
    const { stdout } = await run('ssh', [...this.#sshOptions, 'root@machine', '--', ...words], options);
    return stdout.trim();
  }

  /** Runs these lines in a shell, as they stand in a README; the first failure ends them. */
  shell(...lines: readonly string[]): Promise<string> {
    return this.run('bash', '-euc', lines.join('\n'));
  }

  async stop(): Promise<void> {
    for (const child of this.#processes.reverse()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get #sshOptions(): readonly string[] {
    const settings = [
      `ControlPath=${join(this.#folder, 'ssh')}`,
      'HostName=127.0.0.1',
      'StrictHostKeyChecking=no',
      'UserKnownHostsFile=/dev/null',
      'LogLevel=ERROR',
      'ConnectTimeout=60',
    ];
    const { ssh } = this.#ports;
    return ['-p', String(ssh), '-i', this.#disk.key, ...settings.flatMap((each) => ['-o', each])];
  }

  async #boot(): Promise<void> {
    const { lab, shared, pagePort } = this.#options;
    const { kernel, initrd, image } = this.#disk;
    const { ssh, page } = this.#ports;
    const log = openSync(join(lab, 'camera-machine.log'), 'w');
    const qemu = [
      ...['-M', 'q35', '-accel', 'tcg,thread=multi', '-cpu', 'max', '-smp', '2', '-m', '2048'],
      ...['-nodefaults', '-no-reboot', '-display', 'none', '-serial', 'stdio'],
      ...['-kernel', kernel, '-initrd', initrd, '-append', 'root=/dev/vda rw console=ttyS0'],
      ...['-drive', `file=${image},format=raw,if=virtio,snapshot=on`, '-device', 'virtio-rng-pci'],
      ...['-virtfs', `local,path=${shared},mount_tag=lab,security_model=none,readonly=on`],
      ...['-netdev', `user,id=n,hostfwd=tcp:127.0.0.1:${ssh}-:22`, '-device', 'virtio-net-pci,netdev=n'],
    ];
    const startedAt = performance.now();
    const machine = this.#start('nice', ['-n', '10', 'qemu-system-x86_64', ...qemu], log);
    const forward = `127.0.0.1:${page}:127.0.0.1:${pagePort}`;
    while (performance.now() - startedAt < bootLimitMs) {
      await sleep(3000);
      if (machine.exitCode !== null)
        throw new Error(`qemu ended with ${machine.exitCode}; see ${lab}/camera-machine.log`);
      // One connection for all programs: a handshake takes seconds here.
      const link = this.#start('ssh', [...this.#sshOptions, '-M', '-N', '-L', forward, 'root@machine'], log);
      while (link.exitCode === null && link.signalCode === null) {
        await sleep(500);
        if (existsSync(join(this.#folder, 'ssh'))) return this.#settle(startedAt);
      }
    }
    throw new Error(`the machine did not answer within ${bootLimitMs / 60_000} minutes`);
  }

  async #settle(startedAt: number): Promise<void> {
    await this.run('mkdir', '-p', sharedFolder);
    await this.run('mount', '-t', '9p', '-o', 'ro,trans=virtio,msize=262144', 'lab', sharedFolder);
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    console.log(`The machine runs (after ${seconds} s): ${await this.run('uname', '-r')}`);
  }

  #start(file: string, args: readonly string[], log: number): ChildProcess {
    const child = spawn(file, args, { env: childEnvironment(), stdio: ['ignore', log, log] });
    this.#processes.push(child);
    process.once('exit', () => child.kill('SIGKILL'));
    return child;
  }
}
