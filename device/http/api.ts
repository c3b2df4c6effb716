import { Hono } from 'hono';
import type { Clock } from '../core/clock.ts';
import type { History } from '../core/store.ts';
import type { Reading } from '../core/types.ts';
import type { DeviceView } from './device-view.ts';
import { problem } from './problem.ts';
import { parseRange } from './queries.ts';

export interface ApiDeps {
  readonly view: () => DeviceView;
  readonly latest: () => Reading | undefined;
  readonly history: History;
  readonly clock: Clock;
}

/** /api/v1: the device's state and what it has logged. */
export function createApi(deps: ApiDeps): Hono {
  const api = new Hono();
  api.use(async (c, next) => {
    await next();
    c.header('Cache-Control', 'no-store');
  });

  api.get('/state', (c) => c.json(deps.view()));

  api.get('/reading', (c) => {
    const reading = deps.latest();
    if (reading) return c.json(reading);
    return problem(c, {
      status: 503,
      title: 'No reading yet',
      detail: 'No frame was processed since the start',
      remedy: 'Ask again in a moment; /healthz says what the device waits for.',
      headers: { 'Retry-After': '1' },
    });
  });

  api.get('/samples', (c) => {
    const range = parseRange(c, deps.clock.now());
    if (range instanceof Response) return range;
    const rows = deps.history.samples({ ...range, limit: range.limit + 1 });
    return c.json({ ...range, truncated: rows.length > range.limit, samples: rows.slice(-range.limit) });
  });

  api.get('/visits', (c) => {
    const range = parseRange(c, deps.clock.now());
    if (range instanceof Response) return range;
    const rows = deps.history.visits({ ...range, limit: range.limit + 1 });
    return c.json({ ...range, truncated: rows.length > range.limit, visits: rows.slice(-range.limit) });
  });

  return api;
}
