import type { Database } from 'better-sqlite3';
import type { Hour, Minute } from '../../../core/types.ts';
import { firstNumber, nextNumber } from '../tables/numbering.ts';
import { type Sums, type SumsRow, sumColumns, sumParameters, toSums } from '../tables/sums.ts';
import { add, noSums } from './add.ts';

export const hourMs = 3_600_000;

/** Sums minutes up to hours. Each minute is summed up once: a row of `hours` names the last one. */
export interface HourRollup {
  /** To be called before a minute is written, in its transaction: closes the earlier hours if this minute begins in another one. */
  before(minute: Minute): void;
}

interface Unsummed extends SumsRow {
  readonly n: number;
  readonly hour: number;
}

/** The number of the last minute that is summed up. Rows are added in the order of their minutes. */
const lastMinute = `coalesce((SELECT last_minute FROM hours WHERE n > ${firstNumber} ORDER BY n DESC LIMIT 1), ${firstNumber})`;

export function createHourRollup(database: Database): HourRollup {
  const hasOther = database
    .prepare<[number]>(`SELECT 1 FROM minutes WHERE n > ${lastMinute} AND started_at / ${hourMs} <> ? LIMIT 1`)
    .pluck();
  const unsummed = database.prepare<[], Unsummed>(
    `SELECT n, started_at / ${hourMs} * ${hourMs} AS hour, ${sumColumns} FROM minutes WHERE n > ${lastMinute} ORDER BY n`,
  );
  const insert = createHourInsert(database, nextNumber('hours', firstNumber));
  return {
    before({ startedAt }) {
      if (hasOther.get(Math.floor(startedAt / hourMs)) === undefined) return;
      insertHours(unsummed.all(), insert);
    },
  };
}

type HourInsert = (hour: Hour, minutes: { readonly first: number; readonly last: number }) => void;

function createHourInsert(database: Database, next: string): HourInsert {
  const insert = database.prepare(
    `INSERT INTO hours (n, start, first_minute, last_minute, ${sumColumns})
     VALUES (${next}, @start, @first, @last, ${sumParameters})`,
  );
  return ({ ended, shownMs, ...hour }, minutes) =>
    void insert.run({ ...hour, ...minutes, ended: JSON.stringify(ended), shownMs: JSON.stringify(shownMs) });
}

/** One row per hour, all with the same range of minutes: hours may alternate where the clock was set. */
function insertHours(rows: readonly Unsummed[], insert: HourInsert): void {
  const [first, last] = [rows[0], rows.at(-1)];
  if (!first || !last) return;
  const hours = new Map<number, Sums>();
  for (const row of rows) hours.set(row.hour, add(hours.get(row.hour) ?? noSums, toSums(row)));
  for (const [start, sums] of hours) insert({ start, ...sums }, { first: first.n, last: last.n });
}
