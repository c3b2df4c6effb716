import type { Database, Statement } from 'better-sqlite3';
import { firstNumber, nextNumber } from '../tables/numbering.ts';

/** Rows that no minute counts: those of an older Mien that wrote no minutes. */
export interface Unrolled {
  readonly n: number;
  readonly kind: 'samples' | 'visits';
  /** Row numbers, inclusive. */
  readonly first: number;
  readonly last: number;
}

/**
 * Notes that this boot writes minutes, and where its rows begin. Rows of earlier boots that wrote none are noted as unrolled.
 * To be called in a transaction, after the stays and the minutes that earlier boots left are written.
 */
export function noteMinuteBoot(database: Database, boot: { readonly n: number; readonly sampleMs: number }): void {
  if (database.prepare('SELECT 1 FROM minute_boots WHERE boot = ?').get(boot.n) !== undefined) return;
  const first = firstUncounted(database, newestMinuteBoot(database));
  const ends = database
    .prepare(
      `SELECT ${firstNumber} AS salvaged, ${nextNumber('samples', firstNumber)} - 1 AS samples,
         ${nextNumber('visits', firstNumber)} - 1 AS visits`,
    )
    .get() as { salvaged: number; samples: number; visits: number };
  const note = database.prepare('INSERT INTO unrolled (kind, first, last) VALUES (?, ?, ?)');
  for (const kind of ['samples', 'visits'] as const) {
    // The salvage notes its rows itself, if their minutes are not salvaged too.
    const from = Math.max(first[kind], ends.salvaged + 1);
    if (from <= ends[kind]) note.run(kind, from, ends[kind]);
  }
  database.prepare('INSERT INTO minute_boots (boot, sample_ms) VALUES (?, ?)').run(boot.n, boot.sampleMs);
}

interface MinuteBoot {
  readonly boot: number;
  readonly bootId: string;
}

function newestMinuteBoot(database: Database): MinuteBoot | undefined {
  return database
    .prepare('SELECT boot, boot_id AS bootId FROM minute_boots JOIN boots ON boots.n = boot ORDER BY boot DESC LIMIT 1')
    .get() as MinuteBoot | undefined;
}

/** The first rows after the last boot with minutes; that boot's own rows where it ended before its first minute. */
function firstUncounted(database: Database, before: MinuteBoot | undefined): { samples: number; visits: number } {
  const after = !before ? 0 : hasMinutes(database, before.bootId) ? before.boot : before.boot - 1;
  const visitOfBoot =
    'SELECT visits.n, boots.n AS boot FROM visits JOIN boots USING (boot_id) WHERE visits.n >= ? ORDER BY visits.n LIMIT 1';
  return {
    samples: firstOfLaterBoot(database, 'SELECT n, boot FROM samples WHERE n >= ? ORDER BY n LIMIT 1', after),
    visits: firstOfLaterBoot(database, visitOfBoot, after),
  };
}

function hasMinutes(database: Database, bootId: string): boolean {
  const find = database.prepare(
    `SELECT 1 FROM minutes WHERE id > @boot || '-m' AND id < @boot || '-n'
     UNION ALL SELECT 1 FROM open_minutes WHERE boot_id = @boot LIMIT 1`,
  );
  return find.get({ boot: bootId }) !== undefined;
}

/**
 * Prepares a read of the rows that no minute counts: the noted ones, and those of boots that wrote no minute yet. Usually there
 * are none.
 */
export function createUncounted(database: Database): () => readonly Omit<Unrolled, 'n'>[] {
  const noted: Statement<[], Unrolled> = database.prepare('SELECT n, kind, first, last FROM unrolled');
  const newest: Statement<[], number> = database.prepare<[], number>('SELECT max(n) FROM boots').pluck();
  return () => {
    const before = newestMinuteBoot(database);
    const isCounted = before && before.boot === newest.get() && hasMinutes(database, before.bootId);
    const first = isCounted ? undefined : firstUncounted(database, before);
    const last = Number.MAX_SAFE_INTEGER;
    return [
      ...noted.all(),
      ...(first
        ? [
            { kind: 'samples' as const, first: first.samples, last },
            { kind: 'visits' as const, first: first.visits, last },
          ]
        : []),
    ];
  };
}

/** The first row of a boot after `boot`, by bisection: rows are numbered in the order of the boots. */
function firstOfLaterBoot(database: Database, nextRow: string, boot: number): number {
  const find = database.prepare<[number], { n: number; boot: number }>(nextRow);
  let from = 1;
  let to = 2 ** 50;
  while (from < to) {
    const middle = Math.floor((from + to) / 2);
    const row = find.get(middle);
    if (!row || row.boot > boot) to = middle;
    else from = row.n + 1;
  }
  return from;
}
