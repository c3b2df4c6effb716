import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type ProgramOutcome, runProgram } from '../../core/run-program.ts';
import type { Arch } from '../../release/target.ts';
import { missing } from '../service/host.ts';

export const suites = ['bookworm', 'trixie'] as const;
export type Suite = (typeof suites)[number];

export interface RootOptions {
  /** Folder of the lab. */
  readonly lab: string;
  readonly suite: Suite;
  readonly arch: Arch;
  /** An unpacked release; it is `/opt/mien/current` inside. */
  readonly release: string;
  /** More folders of this machine, by their path inside. */
  readonly folders: Readonly<Record<string, string>>;
}

const releaseInside = '/opt/mien/current';
/** What a build or another installation of Mien would need, and a device does not have. */
const absent = ['node', 'npm', 'gcc', 'g++', 'make', 'python3'];
const debianArch = { x64: 'amd64', arm64: 'arm64' } as const;
/** The emulated processor needs minutes. */
const limitMs = 1_800_000;
const emulator = '/proc/sys/fs/binfmt_misc/qemu-aarch64';

/** The smallest Debian that there is, without a network. Nothing that a program writes in it stays. */
export class CleanRoot {
  readonly #folder: string;
  readonly #options: RootOptions;

  constructor(options: RootOptions) {
    this.#options = options;
    this.#folder = join(options.lab, `clean-${options.suite}-${options.arch}`);
  }

  /** Makes the root, once. @throws MienError where this machine cannot */
  prepare(): void {
    const { lab, suite, arch } = this.#options;
    if (arch !== process.arch) emulate();
    if (existsSync(this.#folder)) return;
    console.log(`Making ${this.#folder} (some minutes)`);
    const part = `${this.#folder}.part`;
    rmSync(part, { recursive: true, force: true });
    mkdirSync(lab, { recursive: true });
    execFileSync('mmdebstrap', ['--variant=minbase', `--arch=${debianArch[arch]}`, suite, part], { stdio: 'pipe' });
    renameSync(part, this.#folder);
  }

  /** Programs of a developer that are in it all the same. */
  async foreignPrograms(): Promise<readonly string[]> {
    const { stdout } = await this.run('sh', ['-c', `for each in ${absent.join(' ')}; do command -v $each; done`]);
    return stdout.split('\n').filter(Boolean);
  }

  mien(...args: readonly string[]): Promise<ProgramOutcome> {
    return this.run(join(releaseInside, 'bin/mien'), args);
  }

  /** Runs a program in the root, to its end. */
  run(file: string, args: readonly string[]): Promise<ProgramOutcome> {
    const { release, folders } = this.#options;
    const binds = Object.entries({ [releaseInside]: release, ...folders });
    return runProgram(
      'systemd-nspawn',
      [
        ...['--quiet', '--register=no', '--keep-unit', '--private-network', '--as-pid2', '--resolv-conf=off'],
        ...['--volatile=overlay', `--directory=${this.#folder}`],
        ...binds.map(([inside, outside]) => `--bind-ro=${outside}:${inside}`),
        ...[file, ...args],
      ],
      limitMs,
    );
  }
}

/** Lets this machine run programs for arm64. The kernel keeps the emulator open, so it works in any root. */
function emulate(): void {
  if (existsSync(emulator)) return;
  const recipe = '/usr/lib/binfmt.d/qemu-aarch64.conf';
  if (!existsSync(recipe)) throw missing('an emulator for arm64', 'apt-get install qemu-user-static');
  const folder = '/proc/sys/fs/binfmt_misc';
  if (!existsSync(join(folder, 'register')))
    execFileSync('mount', ['-t', 'binfmt_misc', 'binfmt_misc', folder], { stdio: 'pipe' });
  // By one write: the kernel takes a whole line.
  execFileSync('cp', [recipe, join(folder, 'register')], { stdio: 'pipe' });
}
