import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { describeError, exitCode, MienError } from '../../core/errors.ts';

const plainWords: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  EEXIST: 'its folder is a file',
  ENOTDIR: 'its folder is a file',
  SQLITE_CANTOPEN: 'it cannot be opened',
  SQLITE_READONLY: 'it is read-only',
};

/** What SQLite or the file system said of the database, as one line with a remedy. */
export function explainStoreFault(error: unknown, file: string): MienError {
  if (error instanceof MienError) return error;
  const code = codeOf(error);
  const folder = dirname(file);
  if (code.startsWith('SQLITE_FULL') || code === 'ENOSPC' || (code.startsWith('SQLITE_IOERR') && isFull(folder))) {
    return fault(`The disk that holds ${file} is full`, `Free some space there (df -h ${folder}).`, error);
  }
  if (code.startsWith('SQLITE_NOTADB')) {
    return fault(`Expected an SQLite database, but ${file} is none`, moveAway(file), error);
  }
  if (code.startsWith('SQLITE_CORRUPT')) {
    return fault(`The database ${file} is damaged (${describeError(error)})`, moveAway(file), error);
  }
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) {
    return fault(`Another program keeps the database ${file} locked`, 'Stop it, or set another dataDir.', error);
  }
  return fault(
    `Cannot write the database ${file} (${plainWords[code] ?? (code || describeError(error))})`,
    `Check that ${folder} is a folder that this user may write to, or set another dataDir (MIEN_DATA_DIR).`,
    error,
  );
}

/** Whether an explained fault is that of a disk without room. */
export function isDiskFull({ message }: MienError): boolean {
  return /^The disk .* is full$/.test(message);
}

/** True where the connection itself still serves, and only the disk or another program is in the way. */
export function connectionOutlives(error: unknown): boolean {
  return /^SQLITE_(FULL|BUSY|LOCKED)/.test(codeOf(error));
}

function codeOf(error: unknown): string {
  const cause = error instanceof MienError && error.cause ? error.cause : error;
  return cause instanceof Error && 'code' in cause ? String(cause.code) : '';
}

function fault(message: string, remedy: string, cause: unknown): MienError {
  return new MienError(message, { code: exitCode.cannotWrite, remedy, cause });
}

function moveAway(file: string): string {
  return `Move it away (mv ${file} ${file}.damaged) and start again; Mien deletes no database.`;
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
