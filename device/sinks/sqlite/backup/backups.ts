import { randomBytes } from 'node:crypto';
import { readdirSync, rmSync, statSync } from 'node:fs';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Part } from '../../../core/lifecycle.ts';
import { copyInThread } from './copy-thread.ts';

const pieceBytes = 256 * 1024;
/** The end of the name of a copy, or of SQLite's file beside it. An operator's `mien.db.backup-2026-01-31` is none of them. */
const copyName = /^\.backup-[0-9a-f]{12}(-journal)?$/;

export interface BackupsDeps {
  /** Path of the database. */
  readonly file: string;
  /** The file that the thread runs; tests start the built one. */
  readonly entry?: URL;
}

/** A copy of the database. Its space on the disk is free again after the last piece or `close`. */
export interface Backup {
  /** Bytes. */
  readonly size: number;
  /** The next piece; undefined at the end. */
  next(): Promise<Uint8Array<ArrayBuffer> | undefined>;
  close(): void;
}

/** Makes copies of the database while the daemon runs, each in a thread of its own. */
export class Backups implements Part {
  readonly name = 'backups';
  readonly #deps: BackupsDeps;
  readonly #ending = new AbortController();

  constructor(deps: BackupsDeps) {
    this.#deps = deps;
  }

  /** Deletes copies that a power cut left. */
  start(): void {
    const { file } = this.#deps;
    const folder = dirname(file);
    if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return;
    try {
      const database = basename(file);
      for (const name of readdirSync(folder)) {
        const isCopy = name.startsWith(database) && copyName.test(name.slice(database.length));
        if (isCopy) rmSync(join(folder, name), { force: true });
      }
    } catch {
      // The folder is read-only or unreadable: the store says so on the state board, and the daemon goes on.
    }
  }

  stop(): void {
    this.#ending.abort();
  }

  /**
   * @param signal ends the copy, when the client has left
   * @throws MienError if the database cannot be read, or the disk has too little space
   */
  async make(signal: AbortSignal): Promise<Backup> {
    const copy = `${this.#deps.file}.backup-${randomBytes(6).toString('hex')}`;
    try {
      const { file: from, entry } = this.#deps;
      await copyInThread({ from, to: copy, entry }, AbortSignal.any([signal, this.#ending.signal]));
      const handle = await open(copy);
      // The open file stays readable without its name, and the system frees it at the end of this process in any case.
      await unlink(copy);
      return new OpenCopy(handle, (await handle.stat()).size);
    } catch (error) {
      for (const end of ['', '-journal']) rmSync(copy + end, { force: true });
      throw error;
    }
  }
}

/** An open file without a name. */
class OpenCopy implements Backup {
  readonly size: number;
  readonly #handle: FileHandle;
  #isClosed = false;

  constructor(handle: FileHandle, size: number) {
    this.#handle = handle;
    this.size = size;
  }

  async next(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const { bytesRead, buffer } = await this.#handle.read(new Uint8Array(pieceBytes));
    if (bytesRead > 0) return buffer.subarray(0, bytesRead);
    this.close();
    return undefined;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    void this.#handle.close();
  }
}
