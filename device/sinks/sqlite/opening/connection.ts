import { statSync } from 'node:fs';
import Sqlite, { type Database } from 'better-sqlite3';
import { createReader, type Reader } from '../history/reader.ts';
import { createWriter, type Writer, type WriterOptions } from '../outbox/writer.ts';
import { asDamage, openDatabase } from './database.ts';
import { explainStoreFault } from './fault.ts';

/** One open database with its prepared statements. */
export interface Connection {
  readonly database: Database;
  readonly reader: Reader;
  readonly writer: Writer;
  readonly inode: number;
}

/** @throws MienError, see `openDatabase`; also if the database can be opened but not written */
export function openConnection(
  file: string,
  options: WriterOptions,
  open: (file: string) => Database = openDatabase,
): Connection {
  const database = open(file);
  try {
    return asDamage(() => ({
      database,
      writer: createWriter(database, options),
      reader: createReader(database),
      inode: statSync(file).ino,
    }));
  } catch (error) {
    database.close();
    throw explainStoreFault(error, file);
  }
}

/**
 * Closes a damaged database. SQLite writes the write-ahead log into the file when its last connection is closed, without a look
 * at its checksums. If the log is damaged, this would overwrite intact pages of the file.
 */
export function closeDamaged({ database }: Connection, file: string): void {
  let other: Database | undefined;
  try {
    other = new Sqlite(file, { readonly: true });
    other.prepare('SELECT 1 FROM sqlite_schema').get();
  } catch {
    // It is damaged, and the connection counts all the same; or it was moved, and nothing is to be kept.
  }
  database.close();
  other?.close();
}

/** Without this check SQLite would write into a file that has no name any more, and the rows would be lost at the end. */
export function assertFileIsThere(file: string, { inode }: Connection): void {
  if (statSync(file, { throwIfNoEntry: false })?.ino === inode) return;
  throw Object.assign(new Error('the file is not there any more'), { code: 'moved or deleted' });
}
