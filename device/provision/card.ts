import { randomUUID } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describeError, exitCode, MienError } from '../core/errors.ts';
import { cloudInitFiles } from './cloud-init.ts';
import { firstBootFiles } from './first-boot.ts';
import { firstRunFiles } from './first-run.ts';
import type { CardFiles, Plan } from './plan.ts';

export const systems = ['auto', 'cloud-init', 'raspios-12'] as const;
type System = Exclude<(typeof systems)[number], 'auto'>;

const commandLineFile = 'cmdline.txt';

/**
 * Writes what the first boot needs onto the mounted boot partition of a card.
 *
 * @returns the system that it was written for, and the paths of the files
 * @throws MienError if the folder is missing, cannot be written, or is not that of such a system
 */
export function writeCard(
  folder: string,
  plan: Plan,
  wanted: (typeof systems)[number],
): { system: System; files: readonly string[] } {
  if (!existsSync(folder) || !statSync(folder).isDirectory()) {
    throw new MienError(`expected a folder, got ${folder}`, {
      code: exitCode.noInput,
      remedy: 'Give the folder where the boot partition of the card is mounted',
    });
  }
  const system = wanted === 'auto' ? systemOf(folder) : wanted;
  const own = system === 'cloud-init' ? cloudInitFiles(plan, `mien-${randomUUID()}`) : firstRun(folder, plan);
  const files = { ...firstBootFiles(plan), ...own };
  write(folder, files);
  return { system, files: Object.keys(files) };
}

/** Raspberry Pi OS has cmdline.txt; since Debian 13 also a user-data for cloud-init. */
function systemOf(folder: string): System {
  const has = (name: string) => existsSync(join(folder, name));
  return has(commandLineFile) && !has('user-data') ? 'raspios-12' : 'cloud-init';
}

function firstRun(folder: string, plan: Plan): CardFiles {
  const file = join(folder, commandLineFile);
  if (existsSync(file)) return firstRunFiles(plan, readFileSync(file, 'utf8'));
  throw new MienError(`expected the boot partition of Raspberry Pi OS, got a folder without ${commandLineFile}`, {
    code: exitCode.noInput,
    remedy: 'Write the image onto the card first, then mount its first partition',
  });
}

/** The card is often pulled out right afterwards, so each file is on it before this returns. */
function write(folder: string, files: CardFiles): void {
  try {
    for (const [path, text] of Object.entries(files)) {
      const file = join(folder, path);
      mkdirSync(dirname(file), { recursive: true });
      const handle = openSync(file, 'w', 0o600);
      try {
        writeFileSync(handle, text);
        fsyncSync(handle);
      } finally {
        closeSync(handle);
      }
    }
  } catch (cause) {
    throw new MienError(`${folder} cannot be written: ${describeError(cause)}`, {
      code: exitCode.cannotWrite,
      remedy: 'Check that the card is mounted, not write-protected, and that this user may write to it',
      cause,
    });
  }
}
