import { closeSync, fsyncSync, lstatSync, openSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describeError } from '../core/errors.ts';
import { makeFolder } from '../core/folder.ts';
import type { Log } from '../core/log.ts';

/** A pause on disk, as a file `paused` in the data folder: what was paused must not look again after a power cut. */
export class PauseMark {
  readonly #folder: string;
  readonly #file: string;
  readonly #log: Log;

  constructor(dataDir: string, log: Log) {
    this.#folder = resolve(dataDir);
    this.#file = join(this.#folder, 'paused');
    this.#log = log;
  }

  /** Whether a pause was kept; where that cannot be told, the camera rather stays closed. */
  get isSet(): boolean {
    try {
      return lstatSync(this.#file, { throwIfNoEntry: false }) !== undefined;
    } catch (error) {
      // The data folder is a file, or lies in one: there is no mark.
      if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return false;
      this.#log.warn(
        { err: error },
        `Whether the camera was paused cannot be told (${describeError(error)}): it stays closed. Make ${this.#folder} readable for this user`,
      );
      return true;
    }
  }

  /**
   * Writes or removes the mark, and waits for the disk. A pause that cannot be kept holds until the end of the daemon, and
   * the log says so.
   *
   * @returns whether the disk has it
   */
  keep(paused: boolean): boolean {
    try {
      if (paused) {
        makeFolder(this.#folder);
        sync(this.#file, 'a');
      } else rmSync(this.#file, { force: true });
      sync(this.#folder, 'r');
      return true;
    } catch (error) {
      const remedy = `Make ${this.#folder} writable for this user and free space, then ${paused ? 'pause' : 'resume'} again`;
      this.#log.error(
        { err: error },
        `The camera is ${paused ? 'paused' : 'resumed'}, but not after a restart (${describeError(error)}). ${remedy}`,
      );
      return false;
    }
  }
}

function sync(path: string, flags: string): void {
  const descriptor = openSync(path, flags);
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
