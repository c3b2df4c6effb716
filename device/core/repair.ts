import { isPackaged } from './paths.ts';

/** Remedies for files of Mien itself. A packaged device (`isPackaged`) has no npm, no compiler and no repository. */

const installAgain = 'Install the release again (mien update, or unpack its archive)';

/** For an addon or page that is missing or does not work. */
export function setUpAgain(packaged = isPackaged): string {
  return packaged ? installAgain : 'Run: npm run setup';
}

/** For a file that belongs to the repository and to each release. */
export function restoreFile(packaged = isPackaged): string {
  return packaged ? installAgain : 'Restore it from the repository';
}
