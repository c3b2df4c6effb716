import { createRoute } from '@hono/zod-openapi';
import { groupOf, jsonAnswer, neverStored, problems } from '../route.ts';
import { rangeOf, rangeQuery, samplesSchema, visitsSchema } from '../schemas/history.ts';
import type { RouteGroup } from './context.ts';

/** What the device has logged. */
export const historyRoutes: RouteGroup = (app, { deps: { clock, history } }) => {
  const shared = {
    ...groupOf('Log', 'viewer'),
    method: 'get' as const,
    request: { query: rangeQuery },
  };

  app.openapi(
    createRoute({
      ...shared,
      path: '/api/v1/samples',
      summary: 'Samples',
      description: 'One row per face and second: the newest `limit` of the range, oldest first.',
      responses: { 200: jsonAnswer(samplesSchema, 'Rows'), ...problems(400) },
    }),
    (c) => {
      const range = rangeOf(c.req.valid('query'), clock.now());
      const rows = history.samples({ ...range, limit: range.limit + 1 });
      const samples = rows.slice(-range.limit);
      return c.json({ ...range, truncated: rows.length > range.limit, samples }, 200, neverStored);
    },
  );

  app.openapi(
    createRoute({
      ...shared,
      path: '/api/v1/visits',
      summary: 'Visits',
      description: 'One row per stay, by the time of its start: the newest `limit` of the range, oldest first.',
      responses: { 200: jsonAnswer(visitsSchema, 'Rows'), ...problems(400) },
    }),
    (c) => {
      const range = rangeOf(c.req.valid('query'), clock.now());
      const rows = history.visits({ ...range, limit: range.limit + 1 });
      const visits = rows.slice(-range.limit);
      return c.json({ ...range, truncated: rows.length > range.limit, visits }, 200, neverStored);
    },
  );
};
