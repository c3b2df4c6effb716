/**
 * The integrity process: reads the whole database beside the daemon. It is a process, not a thread, because the check is one
 * call of SQLite that takes minutes on a slow disk, and a thread cannot be stopped inside it.
 */
import { statSync } from 'node:fs';
import { describeError } from '../../../core/errors.ts';
import { lowerPriority } from '../../../core/lower-priority.ts';
import { findDamage } from './find-damage.ts';

/** The result of a check. `inode` is that of the file with the finding. */
export type FromIntegrity =
  | { readonly kind: 'intact' }
  | { readonly kind: 'damaged'; readonly finding: string; readonly inode: number }
  | { readonly kind: 'unknown'; readonly why: string };

// Lowest: nobody waits for the result.
lowerPriority(19);

function check(file: string): FromIntegrity {
  try {
    const { ino: inode } = statSync(file);
    const finding = findDamage(file);
    return finding === undefined ? { kind: 'intact' } : { kind: 'damaged', finding, inode };
  } catch (error) {
    return { kind: 'unknown', why: describeError(error) };
  }
}

process.send!(check(process.argv[2]!), () => process.disconnect());
