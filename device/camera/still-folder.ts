/**
 * node-webcam can only write to a file, so a still lies in a folder for the moment between fswebcam and us. The folder is in
 * memory, carries our process id and goes with us: no picture may outlive the process that took it.
 */
import { existsSync, lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Followed by the process id and a random part. */
const folderPrefix = 'mien-still-';
const memory = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

export function makeStillFolder(): string {
  return mkdtempSync(join(memory, `${folderPrefix}${process.pid}-`));
}

/** Removes the folder, with the fswebcam that may still be about to write into it. */
export function removeStillFolder(folder: string): void {
  endWritersTo(folder);
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}

/** Folders of our own processes that were killed in the middle of a picture. */
export function removeLeftOverStills(): void {
  for (const name of readdirSync(memory)) {
    const pid = name.startsWith(folderPrefix) ? Number.parseInt(name.slice(folderPrefix.length), 10) : Number.NaN;
    if (!(pid > 0) || existsSync(`/proc/${pid}`)) continue;
    const folder = join(memory, name);
    // In a folder that all may write to, what belongs to somebody else cannot be removed.
    if (lstatSync(folder, { throwIfNoEntry: false })?.uid === process.getuid?.()) removeStillFolder(folder);
  }
}

/**
 * Kills fswebcam, and the shell around it, where its command line names the folder: node-webcam gives no handle to it, and
 * one that a camera keeps waiting would hold the camera for ever.
 */
export function endWritersTo(folder: string): void {
  for (const name of existsSync('/proc') ? readdirSync('/proc') : []) {
    const pid = Number(name);
    if (!(pid > 0) || pid === process.pid) continue;
    try {
      if (readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`${folder}/`)) process.kill(pid, 'SIGKILL');
    } catch {
      // It ended in between, or is somebody else's.
    }
  }
}
