import type { Database } from 'better-sqlite3';
import type { Visit } from '../../../core/types.ts';
import { parsed, toVisitColumns } from '../tables/columns.ts';
import { firstNumber, nextNumber } from '../tables/numbering.ts';

/** Writes a visit; one that is already there is left as it is. */
export type VisitInsert = (visit: Visit) => void;

export function createVisitInsert(database: Database): VisitInsert {
  const insert = database.prepare(
    `INSERT INTO visits (n, id, boot_id, seq, track, started_at, ended_at, dwell_ms, dominant, shares, reasons, happy_share,
       strongest_label, strongest_probability, strongest_ts, confidence, frames, cut)
     VALUES (${nextNumber('visits', firstNumber)}, @id, @bootId, @seq, @track, @startedAt, @endedAt, @dwellMs, @dominant, @shares, @reasons, @happyShare,
       @strongestLabel, @strongestProbability, @strongestTs, @confidence, @frames, @cut)
     ON CONFLICT (id) DO NOTHING`,
  );
  return (visit) => void insert.run(toVisitColumns(visit));
}

/** Stays under way: rewritten again and again, so that a power cut costs a visit its last moments only. */
export interface Stays {
  replace(stays: readonly Visit[]): void;
  /** A stay has become this visit. */
  end(visit: Visit): void;
}

/** First ends the stays that an earlier boot left behind: it was cut off. All or nothing, so that none comes twice. */
export function createStays(database: Database, bootId: string, insertVisit: VisitInsert): Stays {
  const insert = database.prepare('INSERT OR REPLACE INTO stays (track, visit) VALUES (?, ?)');
  const clear = database.prepare('DELETE FROM stays');
  const end = database.prepare('DELETE FROM stays WHERE track = ?');
  database.transaction(() => {
    const left = leftStays(database).filter((visit) => visit.bootId !== bootId);
    for (const visit of left) {
      insertVisit(visit);
      end.run(visit.track);
    }
  })();
  return {
    replace(stays) {
      clear.run();
      for (const stay of stays) insert.run(stay.track, JSON.stringify(stay));
    },
    end: ({ track }) => void end.run(track),
  };
}

/** So many of the newest visits are asked for numbers of a boot; a snapshot of the stays is a second old at most. */
const newestVisits = 1000;

/** The stays in the table as visits that were cut, numbered on from the last visit of their boot. */
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
