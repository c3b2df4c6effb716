import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { packageRoot } from '../../../core/paths.ts';

/** The folder of an installed peer, or the reason why the installation failed. */
export type Installed = { readonly folder: string } | { readonly missing: string };

const run = promisify(execFile);
/** Timeout for a slow connection: TensorFlow.js and OpenCV are about 100 MB each. */
const limitMs = 600_000;

const sources = join(packageRoot, 'device', 'bench', 'peers');

/** Installs @vladmandic/human below .mien/peers, in the pinned versions. */
export function installHuman(say: (line: string) => void): Promise<Installed> {
  const list = join(sources, 'human.package.json');
  return install(
    { name: 'human', what: '@vladmandic/human and TensorFlow.js (MIT, Apache-2.0)', list, say },
    async (folder) => {
      writeFileSync(join(folder, 'package.json'), readFileSync(list));
      // None of the packages needs its install script.
      const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock'];
      await run('npm', args, { cwd: folder, timeout: limitMs });
    },
  );
}

/** Installs the student project's libraries below .mien/peers, in the pinned versions. */
export function installStudent(say: (line: string) => void): Promise<Installed> {
  const list = join(sources, 'requirements.txt');
  return install(
    { name: 'student', what: 'OpenCV and ONNX Runtime for Python (Apache-2.0, MIT)', list, say },
    async (folder) => {
      await run('python3', ['-m', 'venv', join(folder, 'venv')], { timeout: limitMs });
      const pip = join(folder, 'venv', 'bin', 'pip');
      await run(pip, ['install', '--disable-pip-version-check', '-r', list], { timeout: limitMs });
    },
  );
}

interface Peer {
  readonly name: string;
  readonly what: string;
  /** The file with the pinned versions; a change of it triggers a new installation. */
  readonly list: string;
  readonly say: (line: string) => void;
}

async function install({ name, what, list, say }: Peer, fill: (folder: string) => Promise<void>): Promise<Installed> {
  const folder = join(packageRoot, '.mien', 'peers', name);
  const stamp = join(folder, 'installed');
  const wanted = createHash('sha256').update(readFileSync(list)).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return { folder };
  say(`Installing ${what} into ${folder}, for this comparison only; delete the folder to be rid of it.`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  try {
    await fill(folder);
  } catch (error) {
    return { missing: `could not be installed (${reasonOf(error)}); without a package registry this part is left out` };
  }
  writeFileSync(stamp, wanted);
  return { folder };
}

/** The last line of the output, which holds the reason of npm and pip. */
function reasonOf(error: unknown): string {
  const { stderr = '', message, killed } = error as Error & { stderr?: string; killed?: boolean };
  if (killed) return `took longer than ${limitMs / 60_000} minutes`;
  const lines = stderr.split('\n').filter((line) => /error/i.test(line));
  return lines.at(0)?.trim() ?? message.split('\n', 1)[0]!;
}
