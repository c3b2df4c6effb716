import { createRoute, type z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { type Bucket, historySchema, samplesSchema, visitsSchema } from '../../contract/history.ts';
import type { Clock } from '../../core/clock.ts';
import type { StateBoard } from '../../core/state.ts';
import { csvHeaders } from '../answers/csv.ts';
import { tagged } from '../answers/etag.ts';
import type { ReadQuery } from '../reads/query.ts';
import { bodyOf, type Reads } from '../reads/reads.ts';
import { openWithReason } from '../reads/reason.ts';
import { historyQuery, rangeOf, rowsQuery } from '../schemas/history.ts';
import type { RouteGroup } from './context.ts';
import { csvAnswer, groupOf, jsonAnswer, notModified, problems } from './route.ts';

/** Default range per bucket, in ms back from its end. */
const defaultMs: Readonly<Record<Bucket, number>> = {
  minute: 3_600_000,
  hour: 24 * 3_600_000,
  day: 30 * 86_400_000,
  week: 26 * 7 * 86_400_000,
};

export interface HistoryNeeds {
  readonly board: StateBoard;
  readonly clock: Clock;
  /** Large reads of the log. */
  readonly reads: Reads;
}

/** The log of the device: samples, visits and counts. */
export const historyRoutes: RouteGroup<HistoryNeeds> = (app, { board, clock, reads }) => {
  const shared = { ...groupOf('Log', 'viewer'), method: 'get' as const };

  /** The reading thread makes the answer; this thread passes it on. */
  const answer = async (c: Context, query: ReadQuery, name: string) => {
    const read = await openWithReason(reads, query, board);
    const headers = query.format === 'csv' ? csvHeaders(name) : read.tag && tagged(c, read.tag);
    const isHead = c.req.raw.method === 'HEAD';
    if (!headers || isHead) read.close();
    if (!headers) return c.body(null, 304) as never;
    const all = { 'Content-Type': 'application/json', ...headers };
    return (isHead ? c.body(null, 200, all) : c.body(bodyOf(read), 200, all)) as never;
  };

  const rowsOf = (table: 'samples' | 'visits', query: z.output<typeof rowsQuery>): ReadQuery => {
    const { from, to, limit } = rangeOf(query, clock.now());
    const { format = 'json', label, cursor: before } = query;
    return { table, format, from, to, limit: format === 'csv' ? query.limit : limit, label, before };
  };

  app.openapi(
    createRoute({
      ...shared,
      path: '/api/v1/samples',
      operationId: 'listSamples',
      summary: 'Samples',
      description:
        'One row per face and second, newest first. A page holds the newest `limit` rows of the range. `next` is the cursor of the next, older page.',
      request: { query: rowsQuery },
      responses: {
        200: { ...jsonAnswer(samplesSchema, 'Rows'), content: csvAnswer(samplesSchema) },
        ...notModified,
        ...problems(400, 503),
      },
    }),
    (c) => answer(c, rowsOf('samples', c.req.valid('query')), 'samples'),
  );

  app.openapi(
    createRoute({
      ...shared,
      path: '/api/v1/visits',
      operationId: 'listVisits',
      summary: 'Visits',
      description:
        'One row per visit, ordered by start time, newest first. A page holds the newest `limit` rows of the range. `next` is the cursor of the next, older page.',
      request: { query: rowsQuery },
      responses: {
        200: { ...jsonAnswer(visitsSchema, 'Rows'), content: csvAnswer(visitsSchema) },
        ...notModified,
        ...problems(400, 503),
      },
    }),
    (c) => answer(c, rowsOf('visits', c.req.valid('query')), 'visits'),
  );

  app.openapi(
    createRoute({
      ...shared,
      path: '/api/v1/history',
      operationId: 'getHistory',
      summary: 'History by minute, hour, day or week',
      description:
        'Counts per bucket, including empty buckets. Default range: 60 minutes, 24 hours, 30 days or 26 weeks. With `label` only rows of that label are counted, and `happyShare` is null. The counts come from the records of each minute. Where these are deleted (store.minutesDays), they come from the records of each hour (UTC), which count in the bucket in which the hour starts.',
      request: { query: historyQuery },
      responses: {
        200: { ...jsonAnswer(historySchema, 'Buckets'), content: csvAnswer(historySchema) },
        ...notModified,
        ...problems(400, 503),
      },
    }),
    (c) => {
      const { bucket, label, format = 'json', ...query } = c.req.valid('query');
      const tz = query.tz ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
      const to = query.to ?? clock.now() + 1;
      const from = query.from ?? Math.max(0, to - defaultMs[bucket]);
      return answer(c, { table: 'history', format, from, to, bucket, tz, label }, `history-by-${bucket}`);
    },
  );
};
