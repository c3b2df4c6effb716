import type { Database, Statement } from 'better-sqlite3';
import type { OutboxRecord } from '../../../core/store.ts';
import { toVisit, type VisitRow } from '../tables/columns.ts';
import { type MinuteRow, toMinute } from '../tables/sums.ts';

/**
 * Visits and minutes each have the order of their rows. Between the kinds the end of the record decides, so that a minute
 * follows the visits that ended in it.
 */
export function createWaiting(
  database: Database,
): (limit: number, kind?: OutboxRecord['kind']) => readonly OutboxRecord[] {
  const select = (table: string) => `SELECT * FROM ${table} WHERE published_at IS NULL ORDER BY n LIMIT ?`;
  const visits: Statement<[number], VisitRow> = database.prepare(select('visits'));
  const minutes: Statement<[number], MinuteRow> = database.prepare(select('minutes'));
  const visitsOf = (limit: number) =>
    visits.all(limit).map((row): OutboxRecord => ({ kind: 'visit', visit: toVisit(row) }));
  const minutesOf = (limit: number) =>
    minutes.all(limit).map((row): OutboxRecord => ({ kind: 'minute', minute: toMinute(row) }));
  return (limit, kind) => {
    if (kind === 'visit') return visitsOf(limit);
    if (kind === 'minute') return minutesOf(limit);
    return inOrder(visitsOf(limit), minutesOf(limit)).slice(0, limit);
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
