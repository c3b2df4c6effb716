import type { Database } from 'better-sqlite3';
import type { OutboxCondition } from '../../../core/store.ts';

/** `published_at` of a record that was dropped, or must not be sent. */
export const neverSent = -1;
/** Records dropped in one transaction. */
const droppedAtOnce = 500;

/** What one transaction changed. */
interface OutboxChange {
  readonly added: number;
  readonly published: number;
  /** Records that were dropped while they waited in memory. */
  readonly lost: number;
}

/** Counts the unpublished records of a database, and keeps their number below the limit. */
export interface Bound {
  /** Drops the finest records above the limit: the oldest visits, then the oldest minutes. To be called in the transaction of the change. */
  apply(change: OutboxChange): void;
  /** To be called after the commit. */
  commit(): void;
  /** To be called after a rollback, and where another connection added records. */
  recount(): void;
  condition(): OutboxCondition;
}

/** @param limit maximum number of unpublished records; infinite where nothing is published */
export function createBound(database: Database, limit: number): Bound {
  const count = database
    .prepare<[], number>(
      `SELECT (SELECT count(*) FROM visits WHERE published_at IS NULL) + (SELECT count(*) FROM minutes WHERE published_at IS NULL)`,
    )
    .pluck();
  const readLost = database.prepare<[], number>("SELECT value FROM store_state WHERE name = 'lost'").pluck();
  const addLost = database.prepare(
    "INSERT INTO store_state (name, value) VALUES ('lost', ?) ON CONFLICT (name) DO UPDATE SET value = value + excluded.value",
  );
  const drop = (['visits', 'minutes'] as const).map((table) =>
    database.prepare<[number, number]>(
      `UPDATE ${table} SET published_at = ?
       WHERE n IN (SELECT n FROM ${table} WHERE published_at IS NULL ORDER BY n LIMIT ?)`,
    ),
  );
  const oldest = (['visits', 'minutes'] as const).map((table) =>
    database.prepare<[], number>(`SELECT ended_at FROM ${table} WHERE published_at IS NULL ORDER BY n LIMIT 1`).pluck(),
  );
  let known = { waiting: count.get()!, lost: readLost.get() ?? 0 };
  let next = known;

  return {
    apply({ added, published, lost: lostInMemory }) {
      // Without a limit nothing is published, and nothing is lost for a broker.
      const lost = Number.isFinite(limit) ? lostInMemory : 0;
      const waiting = known.waiting + added - published;
      let excess = Math.min(droppedAtOnce, Math.max(0, waiting - limit));
      let dropped = 0;
      for (const each of drop) {
        const { changes } = excess > 0 ? each.run(neverSent, excess) : { changes: 0 };
        dropped += changes;
        excess -= changes;
      }
      if (dropped + lost > 0) addLost.run(dropped + lost);
      next = { waiting: waiting - dropped, lost: known.lost + dropped + lost };
    },
    commit() {
      known = next;
    },
    recount() {
      known = { waiting: count.get()!, lost: readLost.get() ?? 0 };
    },
    condition() {
      const times = oldest.flatMap((each) => each.get() ?? []);
      return { ...known, ...(times.length > 0 && { oldestTs: Math.min(...times) }) };
    },
  };
}
