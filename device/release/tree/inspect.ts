import { readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { gt, minVersion } from 'semver';
import { exitCode, MienError } from '../../core/errors.ts';
import { newestGlibc, type Target } from '../target.ts';
import { outputOf } from '../workshop.ts';
import { filesOf, isElf } from './tree.ts';

/** Libraries that every Debian has; all others are inside. */
const ofTheSystem = /^(lib(c|m|dl|pthread|rt|stdc\+\+|gcc_s)\.so\.\d+|ld-linux-[\w-]+\.so\.\d+)$/;

export interface Inspection {
  /** Newest glibc that a file asks for, `2.35`. */
  readonly glibc: string;
  /** Bytes of all files. */
  readonly unpackedBytes: number;
}

/** Checks that the tree runs on a device that has nothing, and says nothing of the machine that built it. */
export async function inspectTree(
  folder: string,
  { root, target }: { root: string; target: Target },
): Promise<Inspection> {
  const files = filesOf(folder);
  refuseBuildPaths(folder, files, [root, homedir()]);
  let glibc = '2.0';
  for (const file of files.filter((each) => isElf(join(folder, each)))) {
    const text = await outputOf(`${target.tools}readelf`, [
      '--dynamic',
      '--version-info',
      '--wide',
      join(folder, file),
    ]);
    refuseMissing(file, text, files);
    glibc = newestOf([glibc, ...glibcVersions(text)]);
  }
  if (isNewer(glibc, newestGlibc)) {
    throw new MienError(
      `expected files that run with glibc ${newestGlibc} (Debian 12), got one that asks for ${glibc}`,
      {
        code: exitCode.unavailable,
        remedy: 'Build on Debian 12: a newer linker binds to the glibc of its machine',
      },
    );
  }
  return { glibc, unpackedBytes: files.reduce((sum, file) => sum + statSync(join(folder, file)).size, 0) };
}

/** @param paths of the build machine; one of a system user such as `/` or `/root` is in other software too */
export function refuseBuildPaths(folder: string, files: readonly string[], paths: readonly string[]): void {
  const searched = paths.filter((path) => path.split('/').length > 2);
  for (const file of files) {
    const bytes = readFileSync(join(folder, file));
    const found = searched.find((path) => bytes.includes(`${path}/`));
    if (found === undefined) continue;
    throw new MienError(`${file}: expected no path of the build machine, got ${found}`, {
      code: exitCode.internal,
      remedy: 'Find the flag that writes it: the same sources must give the same bytes in any folder',
    });
  }
}

/** `readelf` names what a file needs: `(NEEDED) Shared library: [libc.so.6]`. */
export function refuseMissing(file: string, readelf: string, files: readonly string[]): void {
  for (const [, name = ''] of readelf.matchAll(/\(NEEDED\).*\[(.+?)\]/g)) {
    if (ofTheSystem.test(name) || files.some((each) => each.endsWith(`/${name}`))) continue;
    throw new MienError(`${file}: expected only libraries of glibc and GCC and those in the archive, got ${name}`, {
      code: exitCode.internal,
      remedy: 'Switch off in its build what needs this library, or put the library into the archive',
    });
  }
}

/** Versions of glibc in the text of `readelf`. */
export function glibcVersions(readelf: string): readonly string[] {
  return [...readelf.matchAll(/\bGLIBC_(\d+\.\d+)/g)].map(([, version = '']) => version);
}

function newestOf(versions: readonly string[]): string {
  return versions.reduce((newest, each) => (isNewer(each, newest) ? each : newest));
}

function isNewer(a: string, b: string): boolean {
  return gt(minVersion(a)!, minVersion(b)!);
}
