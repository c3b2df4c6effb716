import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { exitCode, MienError } from '../../core/errors.ts';
import { packageRoot } from '../../core/paths.ts';
import { restoreFile } from '../../core/repair.ts';

export interface LicensedPackage {
  readonly name: string;
  readonly version: string;
  /** SPDX expression in its package.json; undefined if it names none. */
  readonly licence: string | undefined;
  /** Where it lies, relative to the root of Mien. */
  readonly folder: string;
}

/** Development packages that end up in the built pages: code and fonts. */
export const pagePackages: readonly string[] = [
  'preact',
  'uplot',
  'uqr',
  '@fontsource/roboto',
  '@fontsource/noto-naskh-arabic',
];

interface Locked {
  readonly version: string;
  readonly license?: string;
  readonly dev?: boolean;
}

/** Every package that Mien runs with, also those of other machines, from the lock file. */
export function lockedPackages(root = packageRoot): readonly LicensedPackage[] {
  const { packages } = readLock(join(root, 'package-lock.json'));
  return Object.entries(packages)
    .map(([folder, { version, license, dev }]) => ({ folder, version, licence: license, dev, name: nameIn(folder) }))
    .filter(({ folder, name, dev }) => folder !== '' && (dev !== true || pagePackages.includes(name)))
    .map(({ name, version, licence, folder }) => ({ name, version, licence, folder }))
    .sort((a, b) => a.name.localeCompare(b.name, 'en'));
}

/** The packages that are installed on this machine. */
export function installedPackages(root = packageRoot): readonly LicensedPackage[] {
  return lockedPackages(root).filter(({ folder }) => existsSync(join(root, folder, 'package.json')));
}

/** Licence and notices as the package ships them; undefined where it ships none. */
export function licenceTextOf({ folder }: LicensedPackage, root = packageRoot): string | undefined {
  const files = readdirSync(join(root, folder)).filter((name) => /^(licen[cs]e|copying|notice)/i.test(name));
  const texts = files.map((name) => readFileSync(join(root, folder, name), 'utf8').trim());
  return texts.length === 0 ? undefined : texts.join('\n\n');
}

function nameIn(folder: string): string {
  return folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length);
}

function readLock(file: string): { readonly packages: Readonly<Record<string, Locked>> } {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as { packages: Record<string, Locked> };
  } catch (cause) {
    throw new MienError(`${file} is needed to list the packages, and cannot be read`, {
      code: exitCode.noInput,
      remedy: restoreFile(),
      cause,
    });
  }
}
