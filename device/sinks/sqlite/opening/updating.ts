import { dirname } from 'node:path';
import { describeError, exitCode, MienError } from '../../../core/errors.ts';
import type { Log } from '../../../core/log.ts';
import { copyBeforeUpdate } from '../backup/before-update.ts';
import { formatVersion, schemaVersion } from '../tables/schema.ts';
import { explainStoreFault, StoreFault, storeCodeOf } from './fault.ts';

/** The update of a database waits for a copy of it. Nothing is wrong. */
export class CopyNeeded extends MienError {
  /** Number of the last migration of the database. */
  readonly version: number;

  constructor(version: number) {
    super(`A copy of the database is made before its update from schema ${version} to ${schemaVersion}`, {
      code: exitCode.cannotWrite,
      remedy: 'Wait for its end.',
    });
    this.version = version;
  }
}

export interface UpdatingDeps {
  /** Path of the database. */
  readonly file: string;
  readonly log: Log;
  /** The update may run now: the database can be opened. */
  readonly onReady: () => void;
  /** The update may not run without a copy, and there is none. */
  readonly onRefused: (fault: StoreFault) => void;
  /** The file that the thread runs; tests start the built one. */
  readonly entry?: URL;
}

/**
 * Copies the database in a thread before the first missing migration. Where that fails, an update that only adds tables and
 * columns runs without a copy; one that rewrites tables waits.
 */
export class Updating {
  readonly #deps: UpdatingDeps;
  /** The version that was copied. */
  #copied: number | undefined;
  /** The version that may be updated without a copy: once, or at each try where the disk is too full for a copy. */
  #excused: { readonly version: number; readonly isDiskFull: boolean } | undefined;
  #running: { readonly ending: AbortController; readonly end: Promise<void> } | undefined;
  #isAbandoned = false;
  #remark: string | undefined;
  #logged: string | undefined;

  constructor(deps: UpdatingDeps) {
    this.#deps = deps;
  }

  /** Set where a database was updated without a copy. */
  get remark(): string | undefined {
    return this.#remark;
  }

  /** To be called before the first migration of an existing database. @throws CopyNeeded until the update may run */
  before(version: number): void {
    if (version === this.#copied) return;
    if (version !== this.#excused?.version) throw new CopyNeeded(version);
    // Tries go on each 30 s. On a full disk each copy would be written in vain.
    if (!this.#excused.isDiskFull) this.#excused = undefined;
  }

  /** To be called when the database is open. */
  opened(): void {
    if (this.#remark === undefined || this.#remark === this.#logged) return;
    this.#logged = this.#remark;
    this.#deps.log.warn(this.#remark);
  }

  start({ version }: CopyNeeded): void {
    if (this.#running) return;
    const { file, entry } = this.#deps;
    const ending = new AbortController();
    const end = copyBeforeUpdate(file, { version, entry, signal: ending.signal }).then(
      (path) => this.#onCopied(version, path),
      (error: unknown) => this.#onFailed(version, error),
    );
    this.#running = { ending, end };
  }

  /** Ends a copy after this time, and updates the database if it may. */
  async hurry(waitMs: number): Promise<void> {
    if (!this.#running) return;
    const { ending, end } = this.#running;
    const overdue = setTimeout(() => ending.abort(), waitMs);
    await end;
    clearTimeout(overdue);
  }

  /** Ends a copy now; the next start makes it. */
  async abandon(): Promise<void> {
    this.#isAbandoned = true;
    this.#running?.ending.abort();
    await this.#running?.end;
  }

  #onCopied(version: number, path: string): void {
    if (this.#isAbandoned) return;
    this.#deps.log.info(`the database is copied to ${path}; its update to schema ${schemaVersion} follows`);
    this.#copied = version;
    this.#remark = undefined;
    this.#end();
  }

  #onFailed(version: number, error: unknown): void {
    if (this.#isAbandoned) return;
    const { file, onRefused } = this.#deps;
    const fault = explainStoreFault(error, file);
    const code = storeCodeOf(fault);
    const remedy = code === 'disk-full' ? `Free some space in ${dirname(file)}.` : fault.remedy;
    if (version < formatVersion) {
      this.#running = undefined;
      const message = `The update of the database to schema ${schemaVersion} waits for a copy of it: ${fault.message}`;
      onRefused(new StoreFault(code, message, { remedy, cause: error }));
      return;
    }
    const why = describeError(new MienError(fault.message, { code: fault.code, remedy }));
    this.#remark = `The database is updated to schema ${schemaVersion} without a copy: ${why}`;
    this.#excused = { version, isDiskFull: code === 'disk-full' };
    this.#end();
  }

  #end(): void {
    this.#running = undefined;
    this.#deps.onReady();
  }
}
