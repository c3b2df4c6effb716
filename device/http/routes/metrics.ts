import { createRoute, z } from '@hono/zod-openapi';
import type { Health } from '../../ops/health.ts';
import type { Viewers } from '../../sinks/live/viewers.ts';
import type { Metrics } from '../../sinks/metrics/metrics.ts';
import { pageType } from '../../sinks/metrics/page.ts';
import type { ScreenWatch } from '../live/screen.ts';
import { queryOf } from '../schemas/query.ts';
import type { RouteGroup } from './context.ts';
import type { DeviceFacts } from './device.ts';
import { groupOf, neverStored, problems } from './route.ts';

export interface MetricsNeeds {
  readonly facts: Pick<DeviceFacts, 'isPaused'>;
  readonly health: () => Health;
  readonly metrics: Pick<Metrics, 'page'>;
  readonly screen: ScreenWatch;
  readonly viewers: Viewers;
}

/** Figures for Prometheus. */
export const metricsRoutes: RouteGroup<MetricsNeeds> = (app, { facts, health, metrics, screen, viewers }) => {
  app.openapi(
    createRoute({
      ...groupOf('Monitoring', 'viewer'),
      method: 'get',
      path: '/metrics',
      operationId: 'getMetrics',
      summary: 'Metrics for Prometheus',
      description:
        'Counters, gauges and histograms in the text format 0.0.4, read at the moment of the request. No label names a person, a picture or a secret.',
      request: { query: queryOf({}) },
      responses: {
        200: { description: 'The metrics', content: { 'text/plain': { schema: z.string() } } },
        ...problems(400),
      },
    }),
    async (c) => {
      const text = await metrics.page({
        health: health().status,
        isPaused: facts.isPaused(),
        live: viewers.counts,
        screen: screen.newest,
      });
      return c.body(text, 200, { 'Content-Type': pageType, ...neverStored }) as never;
    },
  );
};
