import type { Database, Statement } from 'better-sqlite3';
import { idOf, type OutboxRecord } from '../../../core/store.ts';
import { toVisit, type VisitRow } from '../tables/columns.ts';
import { type MinuteRow, toMinute } from '../tables/sums.ts';

/** Ids of records that the broker has acknowledged, while the database does not say so yet. */
type Acknowledged = Pick<ReadonlyMap<string, unknown>, 'has' | 'size'>;

/** The oldest unpublished records, without the acknowledged ones; of one kind or of both. */
export type Waiting = (
  limit: number,
  options?: { readonly acknowledged?: Acknowledged; readonly kind?: OutboxRecord['kind'] | undefined },
) => readonly OutboxRecord[];

/**
 * Visits and minutes each have the order of their rows. Between the kinds the end of the record decides, so that a minute
 * follows the visits that ended in it.
 */
export function createWaiting(database: Database): Waiting {
  const visits = createQueue<VisitRow>(database, 'visits', (row) => ({ kind: 'visit', visit: toVisit(row) }));
  const minutes = createQueue<MinuteRow>(database, 'minutes', (row) => ({ kind: 'minute', minute: toMinute(row) }));
  return (limit, { acknowledged = new Map(), kind } = {}) => {
    if (kind) return (kind === 'visit' ? visits : minutes)(limit, acknowledged);
    return inOrder(visits(limit, acknowledged), minutes(limit, acknowledged)).slice(0, limit);
  };
}

/** The records of one table. On a full disk many may be acknowledged and not marked: each is read once. */
function createQueue<Row>(
  database: Database,
  table: 'visits' | 'minutes',
  toRecord: (row: Row) => OutboxRecord,
): (limit: number, acknowledged: Acknowledged) => readonly OutboxRecord[] {
  const select: Statement<[number, number], Row & { n: number }> = database.prepare(
    `SELECT * FROM ${table} INDEXED BY ${table}_unpublished WHERE published_at IS NULL AND n > ? ORDER BY n LIMIT ?`,
  );
  // All waiting rows up to this number are acknowledged.
  let done = 0;
  return (limit, acknowledged) => {
    // Salvaged rows have lower numbers.
    if (acknowledged.size === 0) done = 0;
    const found: OutboxRecord[] = [];
    for (let after = done; ; ) {
      const rows = select.all(after, limit);
      for (const row of rows) {
        const record = toRecord(row);
        if (!acknowledged.has(idOf(record))) found.push(record);
        else if (found.length === 0) done = row.n;
      }
      if (rows.length < limit || found.length >= limit) return found;
      after = rows.at(-1)!.n;
    }
  };
}

function inOrder(visits: readonly OutboxRecord[], minutes: readonly OutboxRecord[]): OutboxRecord[] {
  const merged: OutboxRecord[] = [];
  let next = 0;
  for (const minute of minutes) {
    while (next < visits.length && endOf(visits[next]!) <= endOf(minute)) merged.push(visits[next++]!);
    merged.push(minute);
  }
  return [...merged, ...visits.slice(next)];
}

function endOf(record: OutboxRecord): number {
  return record.kind === 'visit' ? record.visit.endedAt : record.minute.endedAt;
}
