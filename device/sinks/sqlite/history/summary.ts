import type { Database, Statement } from 'better-sqlite3';
import type { History } from '../../../core/store.ts';
import type { Minute } from '../../../core/types.ts';
import { hourMs } from '../rollup/hours.ts';
import { createOpenMinutes } from '../rollup/open-minutes.ts';
import { createUncounted, type Unrolled } from '../rollup/unrolled.ts';
import { parsed } from '../tables/columns.ts';

interface Span {
  readonly from: number;
  readonly to: number;
}

/** Counts of one source for a part of the span. */
type Part = Pick<Minute, 'ended' | 'shownMs'>;

/**
 * Adds up the records of a span: ended minutes, hours whose minutes are deleted, the minute in progress, and rows that no
 * minute counts. One transaction reads them all, so that a row that moves from one to the other is counted once.
 */
export function createSummary(database: Database): History['summary'] {
  const rolled = createRolled(database);
  const openMinutes = createOpenMinutes(database);
  const uncounted = createUncounted(database);
  const counts = createCounts(database);
  const sampleInterval = database
    .prepare<[], number>('SELECT sample_ms FROM minute_boots ORDER BY boot DESC LIMIT 1')
    .pluck();
  const partsOf = database.transaction((span: Span, sampleMs: number): Part[] => [
    ...rolled(span),
    ...openMinutes().filter(({ startedAt }) => startedAt >= span.from && startedAt < span.to),
    ...uncounted().flatMap((rows) => counts(span, rows, sampleMs)),
  ]);
  return ({ from, to, label }) => {
    const sampleMs = sampleInterval.get() ?? 1000;
    return total(partsOf({ from, to }, sampleMs), sampleMs, label);
  };
}

function total(parts: readonly Part[], sampleMs: number, only: string | undefined): ReturnType<History['summary']> {
  const shownMs: Record<string, number> = {};
  let [visits, dwellMs] = [0, 0];
  const isWanted = ([label]: readonly [string, unknown]) => only === undefined || label === only;
  for (const { ended, shownMs: shown } of parts) {
    for (const [label, ms] of Object.entries(shown).filter(isWanted)) shownMs[label] = (shownMs[label] ?? 0) + ms;
    for (const [, each] of Object.entries(ended).filter(isWanted)) {
      visits += each.visits;
      dwellMs += each.dwellMs;
    }
  }
  const counted = Object.entries(shownMs)
    .map(([label, ms]) => [label, Math.round(ms / sampleMs)] as const)
    .filter(([, count]) => count > 0);
  const samples = counted.reduce((sum, [, count]) => sum + count, 0);
  return { samples, counts: Object.fromEntries(counted), visits, dwellMs: Math.round(dwellMs) };
}

function createRolled(database: Database): (span: Span) => Part[] {
  const read: Statement<[Span], { ended: string; shown_ms: string }> = database.prepare(
    `SELECT ended, shown_ms FROM minutes WHERE started_at >= @from AND started_at < @to
     UNION ALL SELECT ended, shown_ms FROM hours WHERE start >= @from AND start < @to AND NOT EXISTS (
       SELECT 1 FROM minutes WHERE started_at >= hours.start AND started_at < hours.start + ${hourMs}
         AND minutes.n BETWEEN first_minute AND last_minute)`,
  );
  return (span) =>
    read.all(span).map((row) => ({
      ended: parsed<Part['ended']>(row.ended),
      shownMs: parsed<Part['shownMs']>(row.shown_ms),
    }));
}

type RowSpan = Span & Pick<Unrolled, 'first' | 'last'>;

/** Maximum duration of a visit that is found before it is rolled up, in ms. */
const longestVisitMs = 86_400_000;

function createCounts(database: Database): (span: Span, rows: Omit<Unrolled, 'n'>, sampleMs: number) => Part[] {
  const samples: Statement<[RowSpan], { label: string; count: number }> = database.prepare(
    `SELECT label, count(*) AS count FROM samples
     WHERE ts >= @from AND ts < @to AND n BETWEEN @first AND @last GROUP BY label`,
  );
  // The unary plus keeps SQLite from reading all of these rows by their numbers, instead of those of the span.
  const visits: Statement<[RowSpan], { label: string; visits: number; dwellMs: number }> = database.prepare(
    `SELECT dominant AS label, count(*) AS visits, sum(dwell_ms) AS dwellMs FROM visits
     WHERE started_at >= @from - ${longestVisitMs} AND started_at < @to AND ended_at >= @from AND ended_at < @to
       AND +n BETWEEN @first AND @last GROUP BY dominant`,
  );
  return (span, { kind, first, last }, sampleMs) => {
    const among = { ...span, first, last };
    if (kind === 'samples')
      return samples.all(among).map(({ label, count }) => ({ ended: {}, shownMs: { [label]: count * sampleMs } }));
    return visits.all(among).map(({ label, ...ended }) => ({ ended: { [label]: ended }, shownMs: {} }));
  };
}
