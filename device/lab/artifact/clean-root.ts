import { existsSync, mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type ProgramOutcome, runProgram } from '../../core/run-program.ts';
import type { Arch } from '../../release/target.ts';
import { missing } from '../service/host.ts';
import { mustRun } from './must-run.ts';

export const suites = ['bookworm', 'trixie'] as const;
export type Suite = (typeof suites)[number];

export interface RootOptions {
  /** Folder of the lab. */
  readonly lab: string;
  readonly suite: Suite;
  readonly arch: Arch;
  /** An unpacked release. Inside it lies as an installer leaves it. */
  readonly release: string;
  readonly version: string;
  /** More files and folders of this machine, by their path inside. */
  readonly folders: Readonly<Record<string, string>>;
}

const home = '/opt/mien';
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
  async prepare(): Promise<void> {
    const { arch, version } = this.#options;
    if (arch !== process.arch) await emulate();
    if (!existsSync(this.#folder)) await this.#make();
    const link = join(this.#folder, home, 'current');
    rmSync(link, { force: true });
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(`releases/${version}`, link);
  }

  async #make(): Promise<void> {
    const { lab, suite, arch } = this.#options;
    console.log(`Making ${this.#folder} (some minutes)`);
    const part = `${this.#folder}.part`;
    rmSync(part, { recursive: true, force: true });
    mkdirSync(lab, { recursive: true });
    const packages = `Check that Debian's archive can be reached${arch === process.arch ? '' : '; apt-get install arch-test'}`;
    await mustRun('mmdebstrap', ['--variant=minbase', `--arch=${debianArch[arch]}`, suite, part], packages);
    renameSync(part, this.#folder);
  }

  /** Programs of a developer that are in it all the same. */
  async foreignPrograms(): Promise<readonly string[]> {
    const { stdout } = await this.run('sh', ['-c', `for each in ${absent.join(' ')}; do command -v $each; done`]);
    return stdout.split('\n').filter(Boolean);
  }

  mien(...args: readonly string[]): Promise<ProgramOutcome> {
    return this.run(join(home, 'current/bin/mien'), args);
  }

  /** Runs a program in the root, to its end. */
  run(file: string, args: readonly string[]): Promise<ProgramOutcome> {
    const { arch, release, version, folders } = this.#options;
    // ONNX Runtime for arm64 reads in /sys what processors there are, and crashes on those of x86-64.
    const withoutSys = arch === process.arch ? [] : ['sh', '-c', 'umount -lR /sys; exec "$@"', 'sh'];
    const binds = Object.entries({ [join(home, 'releases', version)]: release, ...folders });
    return runProgram(
      'systemd-nspawn',
      [
        ...['--quiet', '--register=no', '--keep-unit', '--private-network', '--as-pid2', '--resolv-conf=off', '--pipe'],
        ...['--volatile=overlay', `--directory=${this.#folder}`],
        ...binds.map(([inside, outside]) => `--bind-ro=${outside}:${inside}`),
        ...[...withoutSys, file, ...args],
      ],
      limitMs,
    );
  }
}

/** Lets this machine run programs for arm64. The kernel keeps the emulator open, so it works in any root. */
async function emulate(): Promise<void> {
  if (existsSync(emulator)) return;
  const recipe = '/usr/lib/binfmt.d/qemu-aarch64.conf';
  if (!existsSync(recipe)) throw missing('an emulator for arm64', 'apt-get install qemu-user-static');
  const folder = '/proc/sys/fs/binfmt_misc';
  const remedy = 'Use a machine whose kernel has binfmt_misc';
  if (!existsSync(join(folder, 'register'))) {
    await mustRun('mount', ['-t', 'binfmt_misc', 'binfmt_misc', folder], remedy);
  }
  // cp writes the line at once, as the kernel wants it.
  await mustRun('cp', [recipe, join(folder, 'register')], remedy);
}
