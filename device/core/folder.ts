import { closeSync, fsyncSync, lchownSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a folder, and missing folders above it, for this user alone. As root: for the owner of the folder above. An existing
 * folder stays as it is.
 * Not `recursive: true`: Node tries forever where the parent exists but refuses with ENOENT, as /proc does.
 */
export function makeFolder(folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return;
  makeFolder(dirname(folder));
  mkdirSync(folder, { mode: 0o700 });
  giveToOwnerOf(dirname(folder), folder);
}

/** As root: gives a file or folder to the owner of another one. Under sudo it belongs to root, and the daemon could not write it. */
export function giveToOwnerOf(other: string, path: string): void {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = statSync(other);
  try {
    // Not the target of a link: the owner of the folder may have put one here.
    lchownSync(path, uid, gid);
  } catch (error) {
    // On a network disk or in a container root may lack this right. The daemon then says what it may not write.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error;
  }
}

/** Writes the names in a folder to the disk: after a power cut a renamed file has its new name. */
export function syncFolder(folder: string): void {
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
