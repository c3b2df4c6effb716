import { createRoute } from '@hono/zod-openapi';
import { streamSSE } from 'hono/streaming';
import { eventSchemas } from '../../contract/live.ts';
import { toOutside } from '../../contract/outside.ts';
import type { DeviceView } from '../../contract/state.ts';
import type { Clock } from '../../core/clock.ts';
import { oncePer } from '../../core/once-per.ts';
import { RateLimit } from '../../core/rate-limit.ts';
import type { StateBoard } from '../../core/state.ts';
import type { Reading, Visit } from '../../core/types.ts';
import type { Feed } from '../../sinks/live/feed.ts';
import { type DeviceEvent, EventQueue } from '../live/event-queue.ts';
import { perSecond, queryOf } from '../schemas/query.ts';
import type { RouteGroup } from './context.ts';
import { groupOf, problems } from './route.ts';

const description = `Server-sent events (\`EventSource\` in a browser), with JSON as data:

- \`state\`: DeviceView, at connect and at each change.
- \`reading\`: Reading, at most \`fps\` per second. On an idle scene without a live stream at most 2 per second.
- \`visit\`: Visit, at its end.

A slow client gets fewer readings, never older ones. After 15 s without an event the device sends a comment.`;

const retryMs = 3000;
const silenceMs = 15_000;

export interface EventNeeds {
  readonly board: StateBoard;
  readonly clock: Clock;
  readonly feed: Feed;
  readonly view: () => DeviceView;
}

/** Stream of state, readings and visits, without pictures. */
export const eventRoutes: RouteGroup<EventNeeds> = (app, { board, clock, feed, view }) => {
  app.openapi(
    createRoute({
      ...groupOf('Live', 'viewer'),
      method: 'get',
      path: '/api/v1/events',
      operationId: 'streamEvents',
      summary: 'State, readings and visits (server-sent events)',
      description,
      request: { query: queryOf({ fps: perSecond(30, 'Maximum readings per second. Default: 2.').optional() }) },
      responses: {
        200: { description: 'Events', content: { 'text/event-stream': { schema: { type: 'string' } as const } } },
        ...problems(400),
      },
    }),
    (c) => {
      const headers = { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' };
      // The body of a HEAD is never read, so its subscription would never end.
      if (c.req.raw.method === 'HEAD') return c.body(null, 200, headers) as never;
      const pace = new RateLimit(c.req.valid('query').fps ?? 2);
      const { ended } = c.get('principal');
      const response = streamSSE(c, async (stream) => {
        const queue = new EventQueue(view);
        const close = () => queue.close();
        const release = [
          board.subscribe(() => queue.stateChanged()),
          feed.subscribe({
            onReading: (reading) => {
              if (pace.admits(clock.mono())) queue.addReading(reading);
            },
            onVisit: (visit) => queue.addVisit(visit),
          }),
        ];
        stream.onAbort(close);
        ended?.addEventListener('abort', close);
        await stream.write(`retry: ${retryMs}\n\n`);
        for (let next = await queue.next(silenceMs); next && !stream.aborted; next = await queue.next(silenceMs)) {
          if (next.event === 'silence') await stream.write(': nothing new\n\n');
          else await stream.writeSSE({ event: next.event, data: dataOf(next) });
        }
        ended?.removeEventListener('abort', close);
        for (const each of release) each();
      });
      // Hono sets no-cache, which lets a cache store the answer.
      response.headers.set('Cache-Control', headers['Cache-Control']);
      return response as never;
    },
  );
};

/** Serialized once per reading and visit, for all clients. */
const readingData = oncePer((reading: Reading) => JSON.stringify(toOutside(eventSchemas.reading, reading)));
const visitData = oncePer((visit: Visit) => JSON.stringify(toOutside(eventSchemas.visit, visit)));

function dataOf(next: Exclude<DeviceEvent, { event: 'silence' }>): string {
  if (next.event === 'reading') return readingData(next.data);
  if (next.event === 'visit') return visitData(next.data);
  return JSON.stringify(toOutside(eventSchemas.state, next.data));
}
