import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { StoreCode } from '../../../core/codes.ts';
import { describeError, exitCode, MienError } from '../../../core/errors.ts';

const plainWords: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  EEXIST: 'its folder is a file',
  ENOTDIR: 'its folder is a file',
  SQLITE_CANTOPEN: 'it cannot be opened',
  SQLITE_READONLY: 'it is read-only',
  SQLITE_READONLY_DIRECTORY: 'its folder is read-only',
};

/** A fault of the log, with its code on the state board. */
export class StoreFault extends MienError {
  readonly storeCode: StoreCode;

  constructor(storeCode: StoreCode, message: string, { remedy, cause }: { remedy: string; cause?: unknown }) {
    super(message, { code: exitCode.cannotWrite, remedy, cause });
    this.storeCode = storeCode;
  }
}

/** What SQLite or the file system said of the database, as one line with a remedy. */
export function explainStoreFault(error: unknown, file: string): MienError {
  if (error instanceof MienError) return error;
  const code = codeOf(error);
  const folder = dirname(file);
  if (
    code.startsWith('SQLITE_FULL') ||
    code === 'ENOSPC' ||
    (/^SQLITE_(IOERR|CANTOPEN)/.test(code) && isFull(folder))
  ) {
    const remedy = `Free some space there (df -h ${folder}).`;
    return new StoreFault('disk-full', `The disk that holds ${file} is full`, { remedy, cause: error });
  }
  if (isDamage(error)) {
    const message = code.startsWith('SQLITE_NOTADB')
      ? `Expected an SQLite database, but ${file} is none`
      : `The database ${file} is damaged (${describeError(error)})`;
    return new StoreFault('store-damaged', message, { remedy: setAsideSoon(file), cause: error });
  }
  if (isLocked(error)) {
    const remedy = 'Stop it, or set another dataDir.';
    return unwritable(`Another program keeps the database ${file} locked`, remedy, error);
  }
  return unwritable(
    `Cannot write the database ${file} (${plainWords[code] ?? (code || describeError(error))})`,
    `Check that ${folder} is a folder that this user may write to, or set another dataDir (MIEN_DATA_DIR).`,
    error,
  );
}

/** The code that the state board shows for an explained fault. */
export function storeCodeOf(fault: MienError): StoreCode {
  return fault instanceof StoreFault ? fault.storeCode : 'store-unwritable';
}

/** True where the connection itself still serves, and only the disk or another program is in the way. */
export function connectionOutlives(error: unknown): boolean {
  return isLocked(error) || codeOf(error).startsWith('SQLITE_FULL');
}

/** True where another connection holds the lock. */
export function isLocked(error: unknown): boolean {
  return /^SQLITE_(BUSY|LOCKED)/.test(codeOf(error));
}

/** True where the content of the file is at fault: waiting does not help, and the file is not to be written any more. */
export function isDamage(error: unknown): boolean {
  return /^SQLITE_(CORRUPT|NOTADB)/.test(codeOf(error));
}

/** A fault that counts as damage, as one of SQLite's own does. */
export function damage(what: string): Error {
  return Object.assign(new Error(what), { code: 'SQLITE_CORRUPT' });
}

/** The code of the file system or of SQLite, also where the fault has been explained; empty where there is none. */
export function codeOf(error: unknown): string {
  const cause = error instanceof MienError && error.cause ? error.cause : error;
  return cause instanceof Error && 'code' in cause ? String(cause.code) : '';
}

function unwritable(message: string, remedy: string, cause: unknown): StoreFault {
  return new StoreFault('store-unwritable', message, { remedy, cause });
}

function setAsideSoon(file: string): string {
  return `A running Mien sets it aside as ${file}.damaged-DATE, salvages what can be read, and goes on logging.`;
}

/** SQLite reports some writes that found no space as plain input/output errors. */
function isFull(folder: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize < 65_536;
  } catch {
    // No folder, no answer: then it is not the space that is missing.
    return false;
  }
}
