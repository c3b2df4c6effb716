import { dirname } from 'node:path';
import type { Database } from 'better-sqlite3';
import type { Clock } from '../../../core/clock.ts';
import { describeError } from '../../../core/errors.ts';
import type { Log } from '../../../core/log.ts';
import { firstNumberBeside } from '../salvage/first-number.ts';
import { claimFolder } from './claim.ts';
import { type Connection, openConnection } from './connection.ts';
import { setAside } from './damaged.ts';
import { openDatabase } from './database.ts';
import { explainStoreFault, isDamage } from './fault.ts';

export interface OpeningDeps {
  readonly file: string;
  readonly bootId: string;
  readonly sampleMs: number;
  readonly outboxLimit?: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly openDatabase?: (file: string) => Database;
  /** Called before the first missing migration of a database, with its version; may throw. */
  readonly beforeUpdate: (version: number) => void;
}

/** Opens the database of a folder that this process has claimed. A damaged one is set aside and replaced by a new one. */
export class Opening {
  readonly #deps: OpeningDeps;
  /** Held from the first opening to the end. */
  #claim: Database | undefined;

  constructor(deps: OpeningDeps) {
    this.#deps = deps;
  }

  /** @throws MienError; see `claimFolder` and `openDatabase` */
  open(): Connection {
    const { file } = this.#deps;
    try {
      this.#claim ??= claimFolder(dirname(file));
      return this.#connect();
    } catch (error) {
      if (!isDamage(error)) throw explainStoreFault(error, file);
      this.setAside(error);
      return this.#connect();
    }
  }

  /** To be called without an open connection. */
  setAside(cause: unknown): void {
    const { file, clock, log } = this.#deps;
    const aside = setAside(file, clock.now(), cause);
    log.warn(`the database was damaged (${describeError(cause)}); it is set aside as ${aside}`);
  }

  /** Releases the folder. */
  close(): void {
    this.#claim?.close();
    this.#claim = undefined;
  }

  #connect(): Connection {
    const { file, bootId, sampleMs, outboxLimit, clock, beforeUpdate } = this.#deps;
    const open = this.#deps.openDatabase ?? ((path) => openDatabase(path, beforeUpdate));
    const options = {
      bootId,
      sampleMs,
      outboxLimit,
      now: () => clock.now(),
      firstNumber: () => firstNumberBeside(file),
    };
    return openConnection(file, options, open);
  }
}
