import { projectionOf } from '../../contract/outside.ts';
import type { ReadPlans } from '../../contract/reads.ts';
import { happyShareOf } from '../../core/labels.ts';
import type { History, Summary } from '../../core/store.ts';
import { csvLine } from '../../export/csv.ts';
import { ProblemError } from '../answers/problem.ts';
import { bucketsOf, type Span } from './buckets.ts';
import type { HistoryRead, ReadPiece } from './query.ts';
import { tagOfContent } from './tag.ts';

/** Limit of buckets in one answer, more than any chart shows. */
const maxBuckets = 1500;
/** Span that is summed up in one step. */
const sliceMs = 6 * 3_600_000;

/** A bucket of the answer. */
type BucketRow = Summary & { readonly start: number; readonly end: number; readonly happyShare: number | null };

const nothing: Summary = { samples: 0, counts: {}, visits: 0, dwellMs: 0 };

/** The summary of each bucket of a range, including empty buckets. */
export function* historyBuckets(history: History, query: HistoryRead, plans: ReadPlans): Generator<ReadPiece> {
  const { bucket, tz, from, to, label, format } = query;
  const spans = bucketsOf({ from, to }, bucket, tz, maxBuckets);
  if (spans.length > maxBuckets) throw tooMany(query);
  // With a filter on one label the share would always be 0 or 1.
  const shareOf = ({ counts }: Summary) => (label === undefined ? happyShareOf(counts) : null);
  const buckets: BucketRow[] = [];
  for (const span of spans) {
    const summary = yield* summaryOf(history, span, label);
    buckets.push({ start: span.from, end: span.to, ...summary, happyShare: shareOf(summary) });
  }
  if (format === 'csv') {
    yield { tag: undefined };
    yield csvOfBuckets(buckets);
  } else {
    yield { tag: tagOfContent(buckets) };
    const happyShare = shareOf(buckets.reduce(added, nothing));
    yield JSON.stringify(projectionOf(plans.history)({ bucket, tz, from, to, happyShare, buckets }));
  }
}

function* summaryOf(
  history: History,
  { from, to }: Span,
  label: string | undefined,
): Generator<undefined, Summary, undefined> {
  let sum = nothing;
  for (let at = from; at < to; at += sliceMs) {
    sum = added(sum, history.summary({ from: at, to: Math.min(to, at + sliceMs), label }));
    yield undefined;
  }
  return sum;
}

function added(a: Summary, b: Summary): Summary {
  const counts: Record<string, number> = { ...a.counts };
  for (const [label, count] of Object.entries(b.counts)) counts[label] = (counts[label] ?? 0) + count;
  return { samples: a.samples + b.samples, counts, visits: a.visits + b.visits, dwellMs: a.dwellMs + b.dwellMs };
}

function tooMany({ from, bucket }: HistoryRead): ProblemError {
  return new ProblemError({
    status: 400,
    title: 'Bad query',
    detail: 'The range has too many buckets',
    errors: [{ path: 'from', value: String(from), expected: `at most ${maxBuckets} buckets of a ${bucket}` }],
    remedy: 'Ask for a shorter range, or for larger buckets.',
  });
}

function csvOfBuckets(buckets: readonly BucketRow[]): string {
  const labels = [...new Set(buckets.flatMap(({ counts }) => Object.keys(counts)))].sort();
  const lines = buckets.map(({ start, end, visits, dwellMs, samples, happyShare, counts }) =>
    csvLine([
      new Date(start).toISOString(),
      new Date(end).toISOString(),
      visits,
      dwellMs,
      samples,
      happyShare,
      ...labels.map((label) => counts[label] ?? 0),
    ]),
  );
  return csvLine(['start', 'end', 'visits', 'dwell_ms', 'samples', 'happy_share', ...labels]) + lines.join('');
}
