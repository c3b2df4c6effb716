import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { exitCode, MienError } from '../../core/errors.ts';
import { packageRoot } from '../../core/paths.ts';
import { buildLauncher } from '../fixtures/launcher.ts';

export const suites = ['bookworm', 'trixie'] as const;

export interface HostOptions {
  /** Folder of the lab: base systems, and the files of running hosts. */
  readonly lab: string;
  readonly suite: (typeof suites)[number];
  /** An unpacked release; without it the checkout runs with the OpenCV of Debian 12. */
  readonly release?: string;
}

const always = ['systemd', 'systemd-sysv', 'dbus', 'procps', 'libpam-systemd', 'udev', 'iproute2', 'fswebcam'];
const openCv = ['core', 'imgproc', 'imgcodecs', 'videoio', 'objdetect', 'dnn', 'calib3d', 'features2d', 'flann'];
/** The parts of the checkout that a release has too. */
const parts = ['device/dist', 'device/contract', 'device/demo', 'kiosk/dist', 'models', 'node_modules', 'package.json'];
const stopMs = 6000;

/** A Debian host with its own systemd (systemd-nspawn, the network of this machine), and Mien's files as an installer leaves them. */
export class Host {
  readonly #options: HostOptions;
  readonly #folder: string;
  readonly #root: string;
  #container: ChildProcess | undefined;
  #leader = 0;

  constructor(options: HostOptions) {
    this.#options = options;
    mkdirSync(options.lab, { recursive: true });
    this.#folder = mkdtempSync(join(options.lab, 'service-host-'));
    this.#root = join(this.#folder, 'root');
  }

  /** Boots the host. @throws MienError where this machine cannot */
  async start(): Promise<void> {
    const base = makeBase(this.#options);
    for (const name of ['upper', 'work', 'root']) mkdirSync(join(this.#folder, name));
    const layers = `lowerdir=${base},upperdir=${join(this.#folder, 'upper')},workdir=${join(this.#folder, 'work')}`;
    execFileSync('mount', ['-t', 'overlay', 'overlay', '-o', layers, this.#root]);
    this.#install();
    const { release } = this.#options;
    const binds = release === undefined ? parts.map((part) => [join(packageRoot, part), part]) : [[release, '']];
    const flags = [
      '--register=no',
      '--keep-unit',
      '-q',
      '-M',
      'mien-host',
      '-b',
      '-D',
      this.#root,
      '--resolv-conf=off',
    ];
    const mounts = binds.map(([from, to]) => `--bind-ro=${from}:/opt/mien/releases/trial/${to}`);
    this.#container = spawn('systemd-nspawn', [...flags, '--console=read-only', ...mounts], {
      env: { ...process.env, SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: '1' },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    await this.#booted();
  }

  /** Runs a program in the host. @returns its output @throws Error if it fails */
  run(file: string, ...args: string[]): string {
    const inside = ['-t', String(this.#leader), '-m', '-u', '-i', '-p', file, ...args];
    return execFileSync('nsenter', inside, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
  }

  /** A property of the service: `MainPID`. */
  show(property: string): string {
    return this.run('systemctl', 'show', '-p', property, '--value', 'mien');
  }

  configure(lines: readonly string[]): void {
    writeFileSync(join(this.#root, 'etc', 'mien', 'mien.yaml'), `${lines.join('\n')}\n`);
  }

  async stop(): Promise<void> {
    const container = this.#container;
    if (container && container.exitCode === null) {
      const ended = once(container, 'exit');
      container.kill('SIGTERM');
      const isEnded = await Promise.race([ended.then(() => true), sleep(stopMs, false)]);
      if (!isEnded && this.#leader > 0) process.kill(this.#leader, 'SIGKILL');
      await ended;
    }
    execFileSync('umount', [this.#root]);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Does what systemd/README.md says under "By hand". */
  #install(): void {
    const at = (...path: string[]) => join(this.#root, ...path);
    const systemd = join(packageRoot, 'systemd');
    for (const path of ['opt/mien/releases/trial/bin', 'etc/mien']) mkdirSync(at(path), { recursive: true });
    symlinkSync('releases/trial', at('opt/mien/current'));
    if (this.#options.release === undefined) {
      const bin = at('opt/mien/releases/trial/bin');
      copyFileSync(process.execPath, join(bin, 'node'));
      if (!buildLauncher(bin)) throw missing('a C compiler', 'apt-get install gcc');
    }
    copyFileSync(join(systemd, 'mien.service'), at('etc/systemd/system/mien.service'));
    for (const kind of ['sysusers.d', 'tmpfiles.d'])
      cpSync(join(systemd, kind), at('usr/lib', kind), { recursive: true });
    cpSync(join(systemd, 'udev'), at('etc/udev/rules.d'), { recursive: true });
    this.configure([]);
    writeFileSync(at('etc/machine-id'), '');
    symlinkSync('/dev/null', at('etc/systemd/system/systemd-remount-fs.service'));
  }

  async #booted(): Promise<void> {
    const { pid } = this.#container!;
    for (let tries = 0; tries < 300; tries += 1) {
      await sleep(200);
      if (this.#container!.exitCode !== null) throw new Error('the host ended while it started');
      const [leader] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);
      if (!leader) continue;
      this.#leader = leader;
      try {
        if (this.run('systemctl', 'is-active', 'multi-user.target') === 'active') return;
      } catch {
        // It still boots: there is no systemctl, or the target is not reached.
      }
    }
    throw new Error('the host did not boot within 60 s');
  }
}

/** A Debian root of this suite, made once. @returns its folder */
function makeBase({ lab, suite, release }: HostOptions): string {
  const base = join(lab, `service-${suite}`);
  if (existsSync(join(base, 'usr', 'bin', 'fswebcam'))) return base;
  if (suite !== 'bookworm' && release === undefined) {
    throw missing(
      `an unpacked release for ${suite}`,
      'Name one with --release: the checkout needs the OpenCV of Debian 12',
    );
  }
  const packages = [...always, ...(suite === 'bookworm' ? openCv.map((part) => `libopencv-${part}406`) : [])];
  console.log(`Making ${base} (some minutes)`);
  execFileSync('mmdebstrap', ['--variant=minbase', `--include=${packages.join()}`, suite, base], { stdio: 'pipe' });
  return base;
}

export function missing(what: string, remedy: string): MienError {
  return new MienError(`expected ${what}, found none`, { code: exitCode.unavailable, remedy });
}
