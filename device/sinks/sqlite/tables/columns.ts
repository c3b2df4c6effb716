import { fourDecimals, roundedNumbers } from '../../../core/decimals.ts';
import type { Sample, Visit } from '../../../core/types.ts';
import { damage } from '../opening/fault.ts';

/** A selected row of `samples`, with the labels of its set. */
export interface SampleRow {
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

export interface VisitRow {
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
  cut: number | null;
}

export function toSampleColumns({ reason, probability, probabilities, ...sample }: Sample): Record<string, unknown> {
  return {
    ...sample,
    reason: reason ?? null,
    probability,
    probabilities: JSON.stringify(Object.values(probabilities)),
  };
}

export function toSample(row: SampleRow): Sample {
  const { ts, track, label, reason, score, frames } = row;
  const labels = parsed<string[]>(row.labels);
  const values = parsed<number[]>(row.probabilities);
  // Rows of an older version hold more decimals. Rounded one by one: a page has up to 10,000 rows.
  const probabilities = Object.fromEntries(labels.map((name, index) => [name, rounded(values[index]!)]));
  // A row of a database before version 3 holds no probability of its own; `uncertain` has none.
  const probability = row.probability ?? probabilities[label] ?? null;
  return {
    ts,
    track,
    label,
    ...(reason && { reason }),
    probability: rounded(probability),
    probabilities,
    happyShare: rounded(row.happy_share),
    score: rounded(score),
    frames,
  };
}

/** `null`, and a value of a damaged row that is not a number, stay as they are. */
function rounded<Value extends number | null>(value: Value): Value {
  return typeof value === 'number' ? (fourDecimals(value) as Value) : value;
}

/** A text that is not JSON is damage: SQLite does not detect every damage of a page. */
export function parsed<T>(text: string): T {
  try {
    return JSON.parse(text) as T;
  } catch {
    throw damage('a row has content that Mien did not write');
  }
}

export function toVisitColumns({ strongest, shares, reasons, cut, ...visit }: Visit): Record<string, unknown> {
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
    cut: cut ? 1 : null,
  };
}

export function toVisit(row: VisitRow): Visit {
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
    ...(row.cut && { cut: true as const }),
  });
}
