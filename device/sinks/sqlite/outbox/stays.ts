import type { Database } from 'better-sqlite3';
import type { Visit } from '../../../core/types.ts';
import { parsed, toVisitColumns } from '../tables/columns.ts';
import { firstNumber, nextNumber } from '../tables/numbering.ts';

/** Writes a visit. An existing row with its id is not changed. Returns whether it is a new one. */
export type VisitInsert = (visit: Visit) => boolean;

export function createVisitInsert(database: Database): VisitInsert {
  const insert = database.prepare(
    `INSERT INTO visits (n, id, boot_id, seq, track, started_at, ended_at, dwell_ms, dominant, shares, reasons, happy_share,
       strongest_label, strongest_probability, strongest_ts, confidence, frames, cut)
     VALUES (${nextNumber('visits', firstNumber)}, @id, @bootId, @seq, @track, @startedAt, @endedAt, @dwellMs, @dominant, @shares, @reasons, @happyShare,
       @strongestLabel, @strongestProbability, @strongestTs, @confidence, @frames, @cut)
     ON CONFLICT (id) DO NOTHING`,
  );
  return (visit) => insert.run(toVisitColumns(visit)).changes > 0;
}

/** Stays in progress. They are rewritten at each interval, so that a power cut costs a visit only its last moments. */
export interface Stays {
  replace(stays: readonly Visit[]): void;
  /** Removes the stay that has become this visit. */
  end(visit: Visit): void;
}

/** First writes the stays that an earlier boot left as cut visits. To be called in a transaction, so that none is written twice. */
export function createStays(database: Database, bootId: string, insertVisit: VisitInsert): Stays {
  const insert = database.prepare('INSERT OR REPLACE INTO stays (track, visit) VALUES (?, ?)');
  const clear = database.prepare('DELETE FROM stays');
  const end = database.prepare('DELETE FROM stays WHERE track = ?');
  for (const visit of leftStays(database)) {
    if (visit.bootId === bootId) continue;
    insertVisit(visit);
    end.run(visit.track);
  }
  return {
    replace(stays) {
      clear.run();
      for (const stay of stays) insert.run(stay.track, JSON.stringify(stay));
    },
    end: ({ track }) => void end.run(track),
  };
}

/** Number of the newest visits that are searched for the last one of a boot. A snapshot of the stays is at most a second old. */
const newestVisits = 1000;

/** The stays in the table as cut visits, numbered after the last visit of their boot. */
function leftStays(database: Database): Visit[] {
  const rows = database.prepare('SELECT visit FROM stays ORDER BY track').pluck().all() as string[];
  if (rows.length === 0) return [];
  const lastSeq = database
    .prepare(`SELECT max(seq) FROM (SELECT * FROM visits ORDER BY n DESC LIMIT ${newestVisits}) WHERE boot_id = ?`)
    .pluck();
  const stays = rows.map((text) => parsed<Visit>(text)).sort((a, b) => a.seq - b.seq);
  let seq = 0;
  return stays.map((stay) => {
    seq = Math.max(seq + 1, stay.seq, ((lastSeq.get(stay.bootId) as number | null) ?? 0) + 1);
    return { ...stay, id: `${stay.bootId}-${seq}`, seq, cut: true };
  });
}
