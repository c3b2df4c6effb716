import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder that holds package.json, both from the sources (tests) and from device/dist (at run time). */
export const packageRoot = findPackageRoot(dirname(fileURLToPath(import.meta.url)));

function findPackageRoot(from: string): string {
  if (existsSync(join(from, 'package.json'))) return from;
  const parent = dirname(from);
  if (parent === from) throw new Error('package.json of Mien not found');
  return findPackageRoot(parent);
}

/** Whether this is an installed release: it has metadata, and neither npm nor a compiler. */
export const isPackaged = existsSync(join(packageRoot, 'release.json'));

/** Version of Mien, from package.json. */
export const packageVersion = (
  JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { version: string }
).version;
