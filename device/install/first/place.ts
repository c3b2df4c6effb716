import { constants, existsSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { resolve } from 'node:path';
import { exitCode, MienError } from '../../core/errors.ts';
import { isPackaged, packageRoot } from '../../core/paths.ts';
import { requireRunnable } from '../fetch/fetch-release.ts';
import type { Host } from '../host/host.ts';
import { Releases } from '../host/releases.ts';
import { type Lack, preflight, thisMachine } from '../verify/preflight.ts';
import { readRelease } from '../verify/release.ts';
import { assembleCheckout } from './checkout.ts';

/** A release that is to be installed. */
export interface Origin {
  readonly root: string;
  readonly isPackaged: boolean;
}

export const ownOrigin: Origin = { root: packageRoot, isPackaged };

/**
 * Puts the release that this program belongs to among the releases of the host. @returns its version, and whether it is new there
 */
export async function placeOwn(host: Host, origin: Origin): Promise<{ version: string; isNew: boolean }> {
  const releases = new Releases(host);
  if (!origin.isPackaged) return assembleCheckout(host, origin.root);
  const release = readRelease(origin.root);
  const { version } = release;
  const folder = releases.folder(version);
  if (releases.isComplete(version)) return { version, isNew: false };
  if (resolve(origin.root) !== resolve(folder)) {
    refuse(version, preflight(release, thisMachine(host.at.releases)));
    host.say(`Copying Mien ${version} to ${folder}`);
    if (existsSync(folder)) releases.remove(version);
    await cp(origin.root, folder, { recursive: true, verbatimSymlinks: true, mode: constants.COPYFILE_FICLONE });
  }
  await requireRunnable(folder, releases, version);
  await releases.markComplete(version);
  return { version, isNew: true };
}

function refuse(version: string, lacks: readonly Lack[]): void {
  const [first] = lacks;
  if (first === undefined) return;
  throw new MienError(`Mien ${version} does not run here: ${lacks.map(({ message }) => message).join('; ')}`, {
    code: exitCode.unavailable,
    remedy: first.remedy,
  });
}
