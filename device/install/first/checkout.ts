import { createHash } from 'node:crypto';
import {
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
} from 'node:fs';
import { cp } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { exitCode, MienError } from '../../core/errors.ts';
import { runProgram } from '../../core/run-program.ts';
import { writeDurably } from '../host/disk.ts';
import type { Host } from '../host/host.ts';
import { Releases } from '../host/releases.ts';
import type { Release } from '../verify/release.ts';

/** What a release has of a checkout, beside the packages. */
const parts = ['device/dist', 'device/contract', 'device/demo', 'kiosk/dist', 'models', 'systemd', 'package.json'];
const lockFile = 'package-lock.json';
/** Oldest systemd that passes the notification socket by itself. */
const openFileSince = 253;

/**
 * Makes a release of the checkout: the built product, its packages, and the Node that runs this program. OpenCV stays that of
 * the system.
 */
export async function assembleCheckout(host: Host, root: string): Promise<{ version: string; isNew: boolean }> {
  const missing = [...parts, lockFile].filter((part) => !existsSync(join(root, part)));
  if (missing.length > 0) {
    throw new MienError(`The checkout lacks ${missing.join(', ')}`, {
      code: exitCode.noInput,
      remedy: 'Run: npm run setup && npm run build',
    });
  }
  const releases = new Releases(host);
  const product = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const version = `${product.version}+checkout.${fingerprint(root)}`;
  if (releases.isComplete(version)) return { version, isNew: false };
  const folder = releases.folder(version);
  releases.remove(version);
  host.say(`Copying the checkout to ${folder}`);
  const packages = productionPackages(root).filter((path) => existsSync(join(root, path)));
  for (const part of [...parts, lockFile, ...packages]) await copyPart(join(root, part), join(folder, part));
  await layPrograms(root, folder);
  writeDurably(join(folder, 'release.json'), `${JSON.stringify(describe(version), null, 2)}\n`);
  await releases.markComplete(version);
  return { version, isNew: true };
}

/** The packages of the lock file that the product needs, as paths. Those in the folder of another one come with it. */
function productionPackages(root: string): readonly string[] {
  const { packages } = JSON.parse(readFileSync(join(root, lockFile), 'utf8')) as {
    packages: Record<string, { dev?: boolean }>;
  };
  return Object.entries(packages)
    .filter(([path, { dev }]) => !dev && /^node_modules\/(@[^/]+\/)?[^/]+$/.test(path))
    .map(([path]) => path);
}

async function copyPart(from: string, to: string): Promise<void> {
  mkdirSync(dirname(to), { recursive: true });
  await cp(from, to, { recursive: true, verbatimSymlinks: true, mode: constants.COPYFILE_FICLONE });
}

async function layPrograms(root: string, folder: string): Promise<void> {
  const bin = join(folder, 'bin');
  mkdirSync(bin, { recursive: true });
  copyFileSync(join(root, 'device/release/bin/mien'), join(bin, 'mien'));
  copyFileSync(process.execPath, join(bin, 'node'));
  for (const name of ['mien', 'node']) chmodSync(join(bin, name), 0o755);
  const source = join(root, 'systemd/launch/mien-launch.c');
  const { code } = await runProgram('cc', ['-O2', '-s', '-o', join(bin, 'mien-launch'), source], 60_000);
  if (code === 0) return;
  const { stdout } = await runProgram('systemctl', ['--version']);
  const found = Number(/^systemd (\d+)/.exec(stdout)?.[1] ?? 0);
  if (found >= openFileSince) return;
  throw new MienError(
    `expected a C compiler, or systemd ${openFileSince} or newer, got systemd ${found || 'of an unknown version'}`,
    { code: exitCode.unavailable, remedy: 'Install the compiler: apt-get install gcc libc6-dev' },
  );
}

/** Tells one state of the built product from another. */
function fingerprint(root: string): string {
  const hash = createHash('sha256');
  for (const part of ['device/dist', 'kiosk/dist', 'models', 'systemd']) {
    for (const entry of readdirSync(join(root, part), { withFileTypes: true, recursive: true })) {
      const path = join(entry.parentPath, entry.name);
      if (!entry.isFile()) continue;
      const { size, mtimeMs } = statSync(path);
      hash.update(`${path.slice(root.length)} ${size} ${mtimeMs}\n`);
    }
  }
  return hash
    .update(readFileSync(join(root, lockFile)))
    .digest('hex')
    .slice(0, 8);
}

function describe(version: string): Release {
  const now = new Date().toISOString();
  return {
    name: 'mien',
    version,
    arch: process.arch as Release['arch'],
    versionFloor: '0.0.0',
    commit: 'checkout',
    released: now,
    expires: now,
    node: process.versions.node,
    // It runs here already.
    glibc: '2.0',
    unpackedBytes: 0,
  };
}
