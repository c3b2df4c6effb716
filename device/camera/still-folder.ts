/**
 * node-webcam can only write to a file, so a still lies in a folder for the moment between fswebcam and us. The folder is in
 * memory, carries our process id and goes with us: no picture may outlive the process that took it.
 */
import { accessSync, constants, existsSync, lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Prefix of the folder's name; the process id and a random part follow. */
const folderPrefix = 'mien-still-';
/** In memory where that is writable; a container or a hardened system may forbid it. */
const folderCandidates = ['/dev/shm', tmpdir()];

export function makeStillFolder(): string {
  const [memory = tmpdir()] = folderCandidates.filter(isWritable);
  return mkdtempSync(join(memory, `${folderPrefix}${process.pid}-`));
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Removes the folder, and kills an fswebcam that may still write into it. */
export function removeStillFolder(folder: string): void {
  killWritersTo(folder);
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}

/**
 * Removes the folders of Mien processes that were killed while taking a picture. A failure never stops the opening of a
 * source.
 */
export function removeStaleStillFolders(): void {
  for (const memory of folderCandidates) {
    try {
      removeStaleIn(memory);
    } catch {
      // Without permission to list or remove, this user cannot have left anything there.
    }
  }
}

function removeStaleIn(memory: string): void {
  for (const name of readdirSync(memory)) {
    const pid = name.startsWith(folderPrefix) ? Number.parseInt(name.slice(folderPrefix.length), 10) : Number.NaN;
    if (!(pid > 0) || existsSync(`/proc/${pid}`)) continue;
    const folder = join(memory, name);
    // In a world-writable folder, entries of other users cannot be removed.
    if (lstatSync(folder, { throwIfNoEntry: false })?.uid === process.getuid?.()) removeStillFolder(folder);
  }
}

/**
 * Kills fswebcam, and the shell around it, if its command line names the folder. node-webcam gives no handle to the
 * process, and an fswebcam that waits for a camera would hold the camera forever.
 */
export function killWritersTo(folder: string): void {
  for (const name of existsSync('/proc') ? readdirSync('/proc') : []) {
    const pid = Number(name);
    if (!(pid > 0) || pid === process.pid) continue;
    try {
      if (readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`${folder}/`)) process.kill(pid, 'SIGKILL');
    } catch {
      // The process has ended since, or belongs to another user.
    }
  }
}
