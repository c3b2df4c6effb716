import { createRoute } from '@hono/zod-openapi';
import { readingSchema } from '../../contract/reading.ts';
import { type DeviceView, deviceViewSchema, healthSchema } from '../../contract/state.ts';
import type { Health } from '../../ops/health.ts';
import type { Feed } from '../../sinks/live/feed.ts';
import { sendJson } from '../answers/json.ts';
import { ProblemError } from '../answers/problem.ts';
import { queryOf } from '../schemas/query.ts';
import type { RouteGroup } from './context.ts';
import { groupOf, jsonAnswer, problems } from './route.ts';

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
        200: jsonAnswer(deviceViewSchema, 'The state of each part, with reason and remedy for a fault'),
        ...problems(400),
      },
    }),
    (c) => sendJson(c, deviceViewSchema, view()),
  );

  app.openapi(
    createRoute({
      ...shared,
      path: '/api/v1/reading',
      operationId: 'getReading',
      summary: 'Newest reading',
      description:
        'The faces in the newest published frame. On an idle scene without a live stream it may be 0.5 s old.',
      responses: { 200: jsonAnswer(readingSchema, 'The newest reading'), ...problems(400, 503) },
    }),
    (c) => {
      const reading = feed.latest;
      if (reading) return sendJson(c, readingSchema, reading);
      throw new ProblemError({
        status: 503,
        title: 'No reading yet',
        detail: 'No frame has been processed since the start',
        remedy: 'Try again in 1 s; /healthz says what the device waits for.',
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
        'For a watchdog or a monitor. `degraded` is answered with 200, because a restart would not help. Without a role the answer holds only `status`.',
      responses: {
        200: jsonAnswer(healthSchema, 'Status ok or degraded'),
        ...problems(400),
        503: jsonAnswer(healthSchema, 'Status failing'),
      },
    }),
    (c) => {
      const result = health();
      // A load balancer needs only the status. The rest requires a role.
      const status = result.status === 'failing' ? 503 : 200;
      if (c.get('principal').role === undefined) return sendJson(c, healthSchema, { status: result.status }, status);
      const { version, bootId, uptimeSeconds, state, live } = view();
      return sendJson(c, healthSchema, { ...result, version, bootId, uptimeSeconds, ...state, live }, status);
    },
  );
};
