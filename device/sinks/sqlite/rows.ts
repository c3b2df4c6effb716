import type { Database, Statement } from 'better-sqlite3';
import { roundedNumbers } from '../../core/decimals.ts';
import type { Cursor, History, RowQuery, Rows, VisitOutbox } from '../../core/store.ts';
import type { Sample, Visit } from '../../core/types.ts';
import { damage } from './database.ts';

interface SampleRow {
  ts: number;
  track: number;
  label: string;
  reason: Sample['reason'] | null;
  probability: number | null;
  labels: string;
  probabilities: string;
  happy_share: number | null;
  score: number;
  frames: number;
}

interface VisitRow {
  id: string;
  boot_id: string;
  seq: number;
  track: number;
  started_at: number;
  ended_at: number;
  dwell_ms: number;
  dominant: string;
  shares: string;
  reasons: string;
  happy_share: number | null;
  strongest_label: string | null;
  strongest_probability: number | null;
  strongest_ts: number | null;
  confidence: number | null;
  frames: number;
}

/** Named parameters of a page of rows. */
interface PageValues {
  readonly from: number;
  readonly ts: number;
  readonly n: number;
  readonly label: string | null;
  readonly limit: number;
}

/** Reads of one open database. */
export function createReader(database: Database): History & Pick<VisitOutbox, 'unpublished'> {
  const samples: Statement<[PageValues], SampleRow & { n: number }> = database.prepare(
    `SELECT newest.n, ts, track, label, reason, probability, labels, probabilities, happy_share, score, frames
     FROM (
       SELECT * FROM samples WHERE ts >= @from AND ts <= @ts AND (ts, n) < (@ts, @n) AND (@label IS NULL OR label = @label)
       ORDER BY ts DESC, n DESC LIMIT @limit
     ) AS newest
     JOIN label_sets ON label_sets.n = newest.label_set ORDER BY ts, newest.n`,
  );
  const visits: Statement<[PageValues], VisitRow & { n: number }> = database.prepare(
    `SELECT * FROM (
       SELECT * FROM visits WHERE started_at >= @from AND started_at <= @ts AND (started_at, n) < (@ts, @n)
         AND (@label IS NULL OR dominant = @label)
       ORDER BY started_at DESC, n DESC LIMIT @limit
     ) ORDER BY started_at, n`,
  );
  const keys: Record<'samples' | 'visits', Statement<[PageValues], Cursor>> = {
    samples: database.prepare(
      `SELECT ts, n FROM samples WHERE ts >= @from AND ts <= @ts AND (ts, n) < (@ts, @n) AND (@label IS NULL OR label = @label)
       ORDER BY ts DESC, n DESC LIMIT @limit - 1`,
    ),
    visits: database.prepare(
      `SELECT started_at AS ts, n FROM visits WHERE started_at >= @from AND started_at <= @ts AND (started_at, n) < (@ts, @n)
         AND (@label IS NULL OR dominant = @label)
       ORDER BY started_at DESC, n DESC LIMIT @limit - 1`,
    ),
  };
  const unpublished: Statement<[number], VisitRow> = database.prepare(
    'SELECT * FROM visits WHERE published_at IS NULL ORDER BY n LIMIT ?',
  );
  const summary = createSummary(database);
  return {
    keys: (table, query) => keys[table].all(valuesOf(query)),
    samples: (query) => pageOf(samples.all(valuesOf(query)), query.limit, toSample, ({ ts, n }) => ({ ts, n })),
    visits: (query) =>
      pageOf(visits.all(valuesOf(query)), query.limit, toVisit, ({ started_at: ts, n }) => ({ ts, n })),
    unpublished: (limit) => unpublished.all(limit).map(toVisit),
    summary,
  };
}

/** One row more than asked for, which tells whether there is a next page. Rows are numbered from 1. */
function valuesOf({ from, to, limit, label, before }: RowQuery): PageValues {
  const end = before && before.ts < to ? before : { ts: to, n: 0 };
  return { from, ...end, label: label ?? null, limit: limit + 1 };
}

function pageOf<Raw, Row>(
  found: readonly Raw[],
  limit: number,
  toRow: (raw: Raw) => Row,
  cursorOf: (raw: Raw) => Cursor,
): Rows<Row> {
  const kept = found.length > limit ? found.slice(-limit) : found;
  const next = found.length > limit ? cursorOf(kept[0]!) : undefined;
  return { rows: kept.map(toRow), next };
}

function createSummary(database: Database): History['summary'] {
  interface Span {
    readonly from: number;
    readonly to: number;
    readonly label: string | null;
  }
  const counts: Statement<[Span], { label: string; count: number }> = database.prepare(
    `SELECT label, count(*) AS count FROM samples
     WHERE ts >= @from AND ts < @to AND (@label IS NULL OR label = @label) GROUP BY label`,
  );
  const stays: Statement<[Span], { visits: number; dwellMs: number }> = database.prepare(
    `SELECT count(*) AS visits, coalesce(sum(dwell_ms), 0) AS dwellMs FROM visits
     WHERE started_at >= @from AND started_at < @to AND (@label IS NULL OR dominant = @label)`,
  );
  return ({ from, to, label }) => {
    const span = { from, to, label: label ?? null };
    const labels = counts.all(span);
    return {
      samples: labels.reduce((sum, { count }) => sum + count, 0),
      counts: Object.fromEntries(labels.map(({ label: name, count }) => [name, count])),
      ...stays.get(span)!,
    };
  };
}

/** What waits to be written, in one transaction. */
export interface Batch {
  readonly samples: readonly Sample[];
  readonly visits: readonly Visit[];
  /** Ids of visits that the broker has acknowledged. */
  readonly published: readonly string[];
}

export interface Writer {
  /** All or nothing. A visit that is already there is left as it is. */
  write(batch: Batch): void;
  /** Deletes up to `limit` rows of each table from before `before`, unpublished visits excepted; returns how many. */
  prune(before: number, limit: number): number;
}

/** Unpublished visits beyond the newest of this many do not wait any longer for a broker that never comes. */
const outboxLimit = 100_000;

export interface WriterOptions {
  readonly bootId: string;
  readonly now: () => number;
  readonly keepUnpublished: boolean;
}

/** Writes of one open database. Opening it records the boot, which proves that it can be written. */
export function createWriter(database: Database, { keepUnpublished, ...boot }: WriterOptions): Writer {
  database
    .prepare('INSERT INTO boots (boot_id, started_at) VALUES (?, ?) ON CONFLICT DO UPDATE SET boot_id = boot_id')
    .run(boot.bootId, boot.now());
  const bootNumber = database.prepare('SELECT n FROM boots WHERE boot_id = ?').pluck().get(boot.bootId) as number;

  const insertSample = database.prepare(
    `INSERT INTO samples (ts, boot, track, label, reason, probability, label_set, probabilities, happy_share, score, frames)
     VALUES (@ts, @boot, @track, @label, @reason, @probability, @labelSet, @probabilities, @happyShare, @score, @frames)`,
  );
  const insertVisit = database.prepare(
    `INSERT INTO visits (id, boot_id, seq, track, started_at, ended_at, dwell_ms, dominant, shares, reasons, happy_share,
       strongest_label, strongest_probability, strongest_ts, confidence, frames)
     VALUES (@id, @bootId, @seq, @track, @startedAt, @endedAt, @dwellMs, @dominant, @shares, @reasons, @happyShare,
       @strongestLabel, @strongestProbability, @strongestTs, @confidence, @frames)
     ON CONFLICT (id) DO NOTHING`,
  );
  const markPublished = database.prepare('UPDATE visits SET published_at = ? WHERE id = ? AND published_at IS NULL');
  const labelSetOf = createLabelSets(database);
  const isDone = keepUnpublished
    ? `(published_at IS NOT NULL OR n <= (SELECT max(n) FROM visits) - ${outboxLimit})`
    : 'TRUE';
  const prunes = [
    database.prepare('DELETE FROM samples WHERE n IN (SELECT n FROM samples WHERE ts < ? LIMIT ?)'),
    database.prepare(`DELETE FROM visits WHERE n IN (SELECT n FROM visits WHERE started_at < ? AND ${isDone} LIMIT ?)`),
  ];

  return {
    write: database.transaction(({ samples, visits, published }: Batch) => {
      for (const sample of samples) {
        const labelSet = labelSetOf(Object.keys(sample.probabilities));
        insertSample.run({ ...toSampleColumns(sample), boot: bootNumber, labelSet });
      }
      for (const visit of visits) insertVisit.run(toVisitColumns(visit));
      for (const id of published) markPublished.run(boot.now(), id);
    }),
    prune: database.transaction((before: number, limit: number) =>
      prunes.reduce((deleted, statement) => deleted + statement.run(before, limit).changes, 0),
    ),
  };
}

function createLabelSets(database: Database): (labels: readonly string[]) => number {
  const insert = database.prepare('INSERT INTO label_sets (labels) VALUES (?) ON CONFLICT DO NOTHING');
  const select = database.prepare('SELECT n FROM label_sets WHERE labels = ?').pluck();
  return (labels) => {
    const text = JSON.stringify(labels);
    const known = select.get(text) as number | undefined;
    if (known !== undefined) return known;
    insert.run(text);
    return select.get(text) as number;
  };
}

function toSampleColumns({ reason, probability, probabilities, ...sample }: Sample): Record<string, unknown> {
  return {
    ...sample,
    reason: reason ?? null,
    probability,
    probabilities: JSON.stringify(Object.values(probabilities)),
  };
}

function toSample(row: SampleRow): Sample {
  const { ts, track, label, reason, score, frames } = row;
  const labels = parsed<string[]>(row.labels);
  const values = parsed<number[]>(row.probabilities);
  const probabilities = Object.fromEntries(labels.map((name, index) => [name, values[index]!]));
  // A row of a database before version 3 holds no probability of its own; `uncertain` has none.
  const probability = row.probability ?? probabilities[label] ?? null;
  const happyShare = row.happy_share;
  const figures = { probability, probabilities, happyShare, score, frames };
  // Rows of an older version hold more decimals.
  return roundedNumbers({ ts, track, label, ...(reason && { reason }), ...figures });
}

/** What is no JSON was not written by us: SQLite does not see every damage of a page. */
function parsed<T>(text: string): T {
  try {
    return JSON.parse(text) as T;
  } catch {
    throw damage('a row holds what was not written into it');
  }
}

function toVisitColumns({ strongest, shares, reasons, ...visit }: Visit): Record<string, unknown> {
  return {
    ...visit,
    startedAt: Math.round(visit.startedAt),
    endedAt: Math.round(visit.endedAt),
    dwellMs: Math.round(visit.dwellMs),
    shares: JSON.stringify(roundedNumbers(shares)),
    reasons: JSON.stringify(reasons),
    strongestLabel: strongest?.label ?? null,
    strongestProbability: strongest?.probability ?? null,
    strongestTs: strongest && Math.round(strongest.ts),
  };
}

function toVisit(row: VisitRow): Visit {
  const { strongest_label: label, strongest_probability: probability, strongest_ts: ts } = row;
  return roundedNumbers({
    id: row.id,
    bootId: row.boot_id,
    seq: row.seq,
    track: row.track,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    dwellMs: row.dwell_ms,
    dominant: row.dominant,
    shares: parsed<Visit['shares']>(row.shares),
    reasons: parsed<Visit['reasons']>(row.reasons),
    happyShare: row.happy_share,
    strongest: label === null || probability === null || ts === null ? null : { label, probability, ts },
    confidence: row.confidence,
    frames: row.frames,
  });
}
