import { setImmediate as turn } from 'node:timers/promises';
import { createRoute, type z } from '@hono/zod-openapi';
import { happyShareOf } from '../../core/labels.ts';
import type { Summary } from '../../core/store.ts';
import { bucketsOf, type Span } from '../buckets.ts';
import { csvHeaders, csvLine } from '../csv.ts';
import { tagged } from '../etag.ts';
import { ProblemError } from '../problem.ts';
import { csvAnswer, groupOf, jsonAnswer, notModified, problems } from '../route.ts';
import {
  type Bucket,
  historyQuery,
  historySchema,
  rangeOf,
  rowsQuery,
  samplesSchema,
  visitsSchema,
} from '../schemas/history.ts';
import type { RouteGroup } from './context.ts';
import { csvOfSamples, csvOfVisits } from './rows-csv.ts';

/** More than any chart shows. */
const mostBuckets = 1500;
/** Read at once; the daemon does other things in between. */
const sliceMs = 6 * 3_600_000;
/** How far back where nothing is asked for. */
const defaultMs: Readonly<Record<Bucket, number>> = {
  minute: 3_600_000,
  hour: 24 * 3_600_000,
  day: 30 * 86_400_000,
  week: 26 * 7 * 86_400_000,
};

/** What the device has logged. */
export const historyRoutes: RouteGroup = (app, { deps: { clock, history } }) => {
  const shared = { ...groupOf('Log', 'viewer'), method: 'get' as const };

  const rowsOf = (query: z.output<typeof rowsQuery>) => {
    const range = rangeOf(query, clock.now());
    return { range, wanted: { ...range, label: query.label, before: query.cursor }, newest: query.order === 'newest' };
  };

  app.openapi(
    createRoute({
      ...shared,
      path: '/api/v1/samples',
      summary: 'Samples',
      description:
        'One row per face and second. A page holds the newest `limit` rows of the range; `next` leads to older ones.',
      request: { query: rowsQuery },
      responses: {
        200: { ...jsonAnswer(samplesSchema, 'Rows'), content: csvAnswer(samplesSchema) },
        ...notModified,
        ...problems(400, 503),
      },
    }),
    (c) => {
      const query = c.req.valid('query');
      const { range, wanted, newest } = rowsOf(query);
      if (query.format === 'csv') {
        return c.body(csvOfSamples(history, wanted, query.limit), 200, csvHeaders('samples')) as never;
      }
      const { rows, next } = history.samples(wanted);
      const headers = tagged(c, [rows, next]);
      if (!headers) return c.body(null, 304);
      const samples = newest ? rows.toReversed() : rows;
      return c.json(
        { ...range, truncated: next !== undefined, next: next && `${next.ts}-${next.n}`, samples },
        200,
        headers,
      );
    },
  );

  app.openapi(
    createRoute({
      ...shared,
      path: '/api/v1/visits',
      summary: 'Visits',
      description:
        'One row per stay, by the time of its start. A page holds the newest `limit` rows of the range; `next` leads to older ones.',
      request: { query: rowsQuery },
      responses: {
        200: { ...jsonAnswer(visitsSchema, 'Rows'), content: csvAnswer(visitsSchema) },
        ...notModified,
        ...problems(400, 503),
      },
    }),
    (c) => {
      const query = c.req.valid('query');
      const { range, wanted, newest } = rowsOf(query);
      if (query.format === 'csv') {
        return c.body(csvOfVisits(history, wanted, query.limit), 200, csvHeaders('visits')) as never;
      }
      const { rows, next } = history.visits(wanted);
      const headers = tagged(c, [rows, next]);
      if (!headers) return c.body(null, 304);
      const visits = newest ? rows.toReversed() : rows;
      return c.json(
        { ...range, truncated: next !== undefined, next: next && `${next.ts}-${next.n}`, visits },
        200,
        headers,
      );
    },
  );

  app.openapi(
    createRoute({
      ...shared,
      path: '/api/v1/history',
      summary: 'History by minute, hour, day or week',
      description:
        'What was logged in each, also where it is nothing. Without `from`: an hour of minutes, a day of hours, 30 days, 26 weeks. With `label` only its rows are counted, and `happyShare` is null.',
      request: { query: historyQuery },
      responses: {
        200: { ...jsonAnswer(historySchema, 'Buckets'), content: csvAnswer(historySchema) },
        ...notModified,
        ...problems(400, 503),
      },
    }),
    async (c) => {
      const { bucket, label, format, ...query } = c.req.valid('query');
      const tz = query.tz ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
      const to = query.to ?? clock.now() + 1;
      const from = query.from ?? Math.max(0, to - defaultMs[bucket]);
      const spans = bucketsOf({ from, to }, bucket, tz, mostBuckets);
      if (spans.length > mostBuckets) throw tooMany(from, bucket);
      // Of the rows of one label alone it would be 0 or 1.
      const shareOf = ({ counts }: Summary) => (label === undefined ? happyShareOf(counts) : null);
      const buckets: BucketRow[] = [];
      for (const span of spans) {
        const summary = await summaryOf(span, label);
        buckets.push({ start: span.from, end: span.to, ...summary, happyShare: shareOf(summary) });
      }
      const happyShare = shareOf(buckets.reduce(added, nothing));
      if (format === 'csv') return c.body(csvOfBuckets(buckets), 200, csvHeaders(`history-by-${bucket}`)) as never;
      const headers = tagged(c, buckets);
      return headers ? c.json({ bucket, tz, from, to, happyShare, buckets }, 200, headers) : c.body(null, 304);
    },
  );

  /** Of a bucket, in slices that do not hold up the live picture. */
  async function summaryOf({ from, to }: Span, label: string | undefined): Promise<Summary> {
    let sum = nothing;
    for (let at = from; at < to; at += sliceMs) {
      sum = added(sum, history.summary({ from: at, to: Math.min(to, at + sliceMs), label }));
      await turn();
    }
    return sum;
  }
};

/** What a bucket of the answer holds. */
type BucketRow = Summary & { readonly start: number; readonly end: number; readonly happyShare: number | null };

const nothing: Summary = { samples: 0, counts: {}, visits: 0, dwellMs: 0 };

function added(a: Summary, b: Summary): Summary {
  const counts: Record<string, number> = { ...a.counts };
  for (const [label, count] of Object.entries(b.counts)) counts[label] = (counts[label] ?? 0) + count;
  return { samples: a.samples + b.samples, counts, visits: a.visits + b.visits, dwellMs: a.dwellMs + b.dwellMs };
}

function tooMany(from: number, bucket: Bucket): ProblemError {
  return new ProblemError({
    status: 400,
    title: 'Bad query',
    detail: 'The range has too many buckets',
    errors: [{ path: 'from', value: String(from), expected: `at most ${mostBuckets} buckets of a ${bucket}` }],
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
