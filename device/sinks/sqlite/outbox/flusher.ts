import type { Session } from '../opening/session.ts';
import type { Backlog } from './backlog.ts';

const rowsPerTransaction = 500;

/** Writes the backlog to the database, one transaction per turn of the event loop; during a fault only the retry writes. */
export class Flusher {
  readonly #backlog: Backlog;
  readonly #session: Session;
  #isScheduled = false;
  #isStopped = false;

  constructor(backlog: Backlog, session: Session) {
    this.#backlog = backlog;
    this.#session = session;
  }

  flush(): void {
    if (this.#isStopped || this.#session.fault || this.#isScheduled) return;
    try {
      if (!this.writeBatch()) return;
    } catch (error) {
      this.#session.fail(error);
      return;
    }
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.flush();
    });
  }

  /** Returns true while there is more to write. @throws what SQLite throws; MienError where the database is closed */
  writeBatch(): boolean {
    if (this.#backlog.isEmpty) return false;
    const { writer } = this.#session.writableConnection();
    const batch = this.#backlog.peek(rowsPerTransaction);
    writer.write(batch);
    this.#backlog.remove(batch);
    return !this.#backlog.isEmpty;
  }

  /** @throws as `writeBatch` */
  writeAll(): void {
    while (this.writeBatch());
  }

  stop(): void {
    this.#isStopped = true;
  }
}
