import { statfsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { lt, minVersion } from 'semver';
import { addons, loadAddon, loadFault } from '../../core/addons.ts';
import type { Release } from './release.ts';

/** What a release needs of a device and does not find. */
export interface Lack {
  readonly what: 'glibc' | 'cpu' | 'space' | 'clock' | 'arch';
  /** One sentence: expected and found. */
  readonly message: string;
  readonly remedy: string;
}

export interface Machine {
  readonly arch: string;
  /** `2.36`; undefined where the C library is another one. */
  readonly glibc: string | undefined;
  /** Free space at the place of the releases, bytes. */
  readonly freeBytes: number;
  /** Wall clock, ms. */
  readonly now: number;
}

/** Free space that remains after unpacking, for the database and its copy before an update. */
const reserveBytes = 100e6;

/** @param folder where releases lie, or the nearest parent that is there */
export function thisMachine(folder: string): Machine {
  return { arch: process.arch, glibc: glibcVersion(), freeBytes: freeBytesAt(folder), now: Date.now() };
}

/** Checks that need no file of the release: before it is downloaded. */
export function preflight(release: Release, machine: Machine): readonly Lack[] {
  const { arch, glibc, unpackedBytes, released, version } = release;
  const lacks: (Lack | false)[] = [
    arch !== machine.arch && {
      what: 'arch',
      message: `Mien ${version} is made for ${arch}, this device is ${machine.arch}`,
      remedy: `Take the archive for ${machine.arch}`,
    },
    (machine.glibc === undefined || isOlder(machine.glibc, glibc)) && {
      what: 'glibc',
      message: `expected glibc ${glibc} or newer, got ${machine.glibc ?? 'another C library'}`,
      remedy: 'Use Debian 12 or newer, Raspberry Pi OS 12 or newer, or Ubuntu 22.04 or newer',
    },
    machine.freeBytes < unpackedBytes + reserveBytes && {
      what: 'space',
      message: `expected ${megabytes(unpackedBytes + reserveBytes)} MB of free space, got ${megabytes(machine.freeBytes)} MB`,
      remedy: 'Free some space, or remove old releases',
    },
    machine.now < Date.parse(released) && {
      what: 'clock',
      message: `the clock says ${new Date(machine.now).toISOString().slice(0, 10)}, before the release was made (${released.slice(0, 10)})`,
      remedy: 'Set the clock or connect a time server (timedatectl)',
    },
  ];
  return lacks.filter((each) => each !== false);
}

/** Loads what an unpacked release has of native code, with its own Node. */
export async function probeNative(folder: string): Promise<readonly Lack[]> {
  const lacks: Lack[] = [];
  for (const addon of addons) {
    const outcome = await loadAddon(addon, { root: folder, node: join(folder, 'bin/node') });
    if (outcome.code === 0) continue;
    lacks.push(
      outcome.signal === 'SIGILL'
        ? {
            what: 'cpu',
            message: `${addon.name} needs an instruction that this processor lacks (SIGILL)`,
            remedy: 'Use a newer device: a 64-bit PC, a Raspberry Pi 3 or newer',
          }
        : {
            what: 'glibc',
            message: `${addon.name} does not load: ${loadFault(outcome)}`,
            remedy: 'Install what the message names; libstdc++6 is part of every Debian',
          },
    );
  }
  return lacks;
}

function glibcVersion(): string | undefined {
  // The list of network interfaces takes long, and is refused to a hardened service.
  const report = process.report as NodeJS.ProcessReport & { excludeNetwork: boolean };
  report.excludeNetwork = true;
  const { header } = report.getReport() as { header: { glibcVersionRuntime?: string } };
  return header.glibcVersionRuntime;
}

function isOlder(found: string, wanted: string): boolean {
  return lt(minVersion(found)!, minVersion(wanted)!);
}

function freeBytesAt(folder: string): number {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' && dirname(folder) !== folder)
      return freeBytesAt(dirname(folder));
    throw error;
  }
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1e6);
}
