import { closeSync, fsyncSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Database } from 'better-sqlite3';
import { describeError, exitCode, MienError } from '../../../core/errors.ts';
import { openDatabaseReadOnly } from '../opening/database.ts';
import { codeOf, explainStoreFault, isDamage, StoreFault, storeCodeOf } from '../opening/fault.ts';

/** Pages per step; 1 MB with SQLite's usual pages. */
const stepPages = 256;
/** Steps between two writes to the disk. Otherwise the system holds the whole copy and then delays every other write. */
const stepsPerSync = 8;
/** The write and read versions of SQLite's file header for a database without a write-ahead log, and their place in bytes. */
const withoutLog = { versions: Uint8Array.of(1, 1), at: 18 };

export interface CopyOptions {
  /** Share of the disk that must stay free beside the copy, 0..1. */
  readonly keepFree: number;
  /** Called after each step with the bytes so far. May wait, to leave the disk to others. Ends the copy if it throws. */
  readonly onStep?: (done: number, total: number) => void;
}

/**
 * Copies a database into a new file, beside a running daemon. The copy is the state of one moment and complete in itself,
 * without a write-ahead log. A file that is not complete is deleted.
 *
 * @throws MienError if the database cannot be read, if the disk has too little space, or if the file exists or cannot be written
 */
export async function copyDatabase(from: string, to: string, { keepFree, onStep }: CopyOptions): Promise<void> {
  const source = openToCopy(from);
  let copy: number | undefined;
  try {
    // The open transaction keeps this moment: otherwise SQLite starts the copy again after each write of the daemon.
    source.exec('BEGIN');
    const bytes = sizeOf(source);
    requireSpace(dirname(to), bytes, keepFree);
    copy = openSync(to, 'wx', 0o600);
    await copyPages(source, to, copy, onStep);
    // SQLite opens one with a log only in a folder that it may write, and a backup may be on a read-only disk.
    writeSync(copy, withoutLog.versions, 0, withoutLog.versions.length, withoutLog.at);
    fsyncSync(copy);
  } catch (error) {
    if (copy !== undefined) for (const end of ['', '-journal']) rmSync(to + end, { force: true });
    throw explained(error, from, to);
  } finally {
    source.close();
    // Not before the end: it would drop SQLite's locks on the file.
    if (copy !== undefined) closeSync(copy);
  }
}

async function copyPages(source: Database, to: string, copy: number, onStep: CopyOptions['onStep']): Promise<void> {
  const pageSize = source.pragma('page_size', { simple: true }) as number;
  let steps = 0;
  await source.backup(to, {
    progress({ totalPages, remainingPages }) {
      steps += 1;
      if (steps % stepsPerSync === 0) fsyncSync(copy);
      onStep?.((totalPages - remainingPages) * pageSize, totalPages * pageSize);
      return stepPages;
    },
  });
}

/** Bytes of the database with its write-ahead log. */
function sizeOf(source: Database): number {
  const pages = source.pragma('page_count', { simple: true }) as number;
  return pages * (source.pragma('page_size', { simple: true }) as number);
}

function requireSpace(folder: string, bytes: number, keepFree: number): void {
  const { bavail, blocks, bsize } = statfsSync(folder);
  const needed = bytes + blocks * bsize * keepFree;
  if (bavail * bsize >= needed) return;
  const inMb = (value: number) => `${Math.ceil(value / 1e6)} MB`;
  const message = `A copy of the database needs ${inMb(needed)} free in ${folder}, got ${inMb(bavail * bsize)}`;
  throw new StoreFault('disk-full', message, {
    remedy: 'Free some space there, or write the copy to another disk: mien backup FILE',
  });
}

function openToCopy(file: string): Database {
  try {
    return openDatabaseReadOnly(file, { mayBeOlder: true });
  } catch (error) {
    throw explainStoreFault(error, file);
  }
}

function explained(error: unknown, from: string, to: string): MienError {
  if (isDamage(error)) return explainStoreFault(error, from);
  if (codeOf(error) === 'EEXIST') {
    const remedy = 'Name another file, or delete this one.';
    return new MienError(`Expected a new file, but ${to} exists`, { code: exitCode.cannotWrite, remedy, cause: error });
  }
  const fault = explainStoreFault(error, to);
  if (storeCodeOf(fault) === 'disk-full' || fault === error) return fault;
  const remedy = 'Check the folder, its permissions and the free space.';
  return new MienError(`Cannot write ${to} (${describeError(error)})`, {
    code: exitCode.cannotWrite,
    remedy,
    cause: error,
  });
}
