import { createRoute } from '@hono/zod-openapi';
import type { Health } from '../../ops/health.ts';
import type { Feed } from '../../sinks/live/feed.ts';
import { ProblemError } from '../answers/problem.ts';
import { type DeviceView, forOutside } from '../device-view.ts';
import { queryOf } from '../schemas/query.ts';
import { readingSchema } from '../schemas/reading.ts';
import { deviceViewSchema, healthSchema } from '../schemas/state.ts';
import type { RouteGroup } from './context.ts';
import { groupOf, jsonAnswer, neverStored, problems } from './route.ts';

export interface StateNeeds {
  readonly feed: Pick<Feed, 'latest'>;
  readonly view: () => DeviceView;
  readonly health: () => Health;
}

/** The present state of the device. */
export const stateRoutes: RouteGroup<StateNeeds> = (app, { feed, view, health }) => {
  const shared = {
    ...groupOf('Now', 'viewer'),
    method: 'get' as const,
    request: { query: queryOf({}) },
  };

  app.openapi(
    createRoute({
      ...shared,
      path: '/api/v1/state',
      operationId: 'getState',
      summary: 'State of the device',
      responses: {
        200: jsonAnswer(deviceViewSchema, 'Each part of the device, and what is wrong with it'),
        ...problems(400),
      },
    }),
    (c) => c.json(view(), 200, neverStored),
  );

  app.openapi(
    createRoute({
      ...shared,
      path: '/api/v1/reading',
      operationId: 'getReading',
      summary: 'Newest reading',
      description:
        'The faces in the newest frame that was told of: while nobody is there and no live stream is open, it may be half a second old.',
      responses: { 200: jsonAnswer(readingSchema, 'The newest reading'), ...problems(400, 503) },
    }),
    (c) => {
      const reading = feed.latest;
      if (reading) return c.json(reading, 200, neverStored);
      throw new ProblemError({
        status: 503,
        title: 'No reading yet',
        detail: 'No frame was processed since the start',
        remedy: 'Ask again in a moment; /healthz says what the device waits for.',
        headers: { 'Retry-After': '1' },
      });
    },
  );

  app.openapi(
    createRoute({
      ...shared,
      middleware: [],
      path: '/healthz',
      operationId: 'getHealth',
      summary: 'Health',
      description:
        'For a watchdog or a monitor. `degraded` is answered with 200: a restart would not help. Without a role the answer holds `status` alone.',
      responses: {
        200: jsonAnswer(healthSchema, 'It does its work, perhaps not all of it'),
        ...problems(400),
        503: jsonAnswer(healthSchema, 'It does not do its work'),
      },
    }),
    (c) => {
      const result = forOutside(health());
      // A load balancer needs no more; the rest is for those who may see it.
      const status = result.status === 'failing' ? 503 : 200;
      if (c.get('principal').role === undefined) return c.json({ status: result.status }, status, neverStored);
      const { version, bootId, uptimeSeconds, state, live } = view();
      const body = { ...result, version, bootId, uptimeSeconds, ...state, live };
      return c.json(body, status, neverStored);
    },
  );
};
