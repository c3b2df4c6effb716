import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { describeError, exitCode, MienError } from '../../core/errors.ts';

/** Receives the pieces of a file. */
export interface Output {
  /** Waits for a slow reader. @throws MienError (cannotWrite) */
  write(piece: string | Uint8Array): Promise<void>;
  /** The file is complete. */
  finish(): void;
  /** Removes what was written. */
  discard(): void;
}

/**
 * Opens a file for an export, or standard output for `-`. A file has its name only when it is complete.
 *
 * @throws MienError if the file exists and `force` is not set, or if it cannot be written
 */
export function openOutput(path: string, force: boolean): Output {
  return path === '-' ? toStdout : toFile(path, force);
}

/** @throws MienError if the file exists and `force` is not set */
export function refuseExisting(path: string, force: boolean): void {
  if (force || !existsSync(path)) return;
  throw new MienError(`Expected a new file, but ${path} exists`, {
    code: exitCode.cannotWrite,
    remedy: 'Name another file, or overwrite this one with --force',
  });
}

/** The name of a file until it is complete. No file of somebody else has it. */
export function incompleteName(path: string): string {
  return `${path}.${randomBytes(4).toString('hex')}.part`;
}

const toStdout: Output = {
  async write(piece) {
    if (!process.stdout.write(piece)) await once(process.stdout, 'drain');
  },
  finish: () => undefined,
  discard: () => undefined,
};

function toFile(path: string, force: boolean): Output {
  refuseExisting(path, force);
  const part = incompleteName(path);
  const file = attempt(path, () => openSync(part, 'wx'));
  const discard = () => {
    closeSync(file);
    rmSync(part, { force: true });
  };
  return {
    async write(piece) {
      const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece;
      attempt(path, () => {
        for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
      });
    },
    finish: () =>
      attempt(path, () => {
        fsyncSync(file);
        renameSync(part, path);
        closeSync(file);
      }),
    discard,
  };
}

function attempt<Result>(path: string, act: () => Result): Result {
  try {
    return act();
  } catch (error) {
    throw new MienError(`Cannot write ${path} (${describeError(error)})`, {
      code: exitCode.cannotWrite,
      remedy: 'Check the path, its permissions and the free space',
      cause: error,
    });
  }
}
