import { createRoute } from '@hono/zod-openapi';
import { streamSSE } from 'hono/streaming';
import type { Clock } from '../../core/clock.ts';
import { roundedNumbers } from '../../core/decimals.ts';
import { RateLimit } from '../../core/rate-limit.ts';
import type { StateBoard } from '../../core/state.ts';
import type { Feed } from '../../sinks/live/feed.ts';
import type { DeviceView } from '../device-view.ts';
import { EventQueue } from '../live/event-queue.ts';
import { perSecond, queryOf } from '../schemas/query.ts';
import type { RouteGroup } from './context.ts';
import { groupOf, problems } from './route.ts';

const description = `Server-sent events (\`EventSource\` in a browser), each with JSON as its data:

- \`state\`: DeviceView, at once and at each change.
- \`reading\`: Reading, at most \`fps\` a second; 2 while nobody is there, nothing moves and no live stream is open.
- \`visit\`: Visit, when it has ended.

A slow client gets fewer readings, never older ones. After 15 s without an event a comment says that all is well.`;

const retryMs = 3000;
const silenceMs = 15_000;

export interface EventNeeds {
  readonly board: StateBoard;
  readonly clock: Clock;
  readonly feed: Feed;
  readonly view: () => DeviceView;
}

/** State, readings and visits as they come, without pictures. */
export const eventRoutes: RouteGroup<EventNeeds> = (app, { board, clock, feed, view }) => {
  app.openapi(
    createRoute({
      ...groupOf('Live', 'viewer'),
      method: 'get',
      path: '/api/v1/events',
      operationId: 'streamEvents',
      summary: 'State, readings and visits (server-sent events)',
      description,
      request: { query: queryOf({ fps: perSecond(30, 'Most readings a second; 2 where none is given.').optional() }) },
      responses: {
        200: { description: 'Events', content: { 'text/event-stream': { schema: { type: 'string' } as const } } },
        ...problems(400),
      },
    }),
    (c) => {
      const headers = { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' };
      // Nobody would read the body of a HEAD, so nobody would end the subscription either.
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
            onVisit: (visit) => queue.addVisit(roundedNumbers(visit)),
          }),
        ];
        stream.onAbort(close);
        ended?.addEventListener('abort', close);
        await stream.write(`retry: ${retryMs}\n\n`);
        for (let next = await queue.next(silenceMs); next && !stream.aborted; next = await queue.next(silenceMs)) {
          if (next.event === 'silence') await stream.write(': nothing new\n\n');
          else await stream.writeSSE({ event: next.event, data: JSON.stringify(next.data) });
        }
        ended?.removeEventListener('abort', close);
        for (const each of release) each();
      });
      // Hono's own is no-cache, with which a cache may keep it.
      response.headers.set('Cache-Control', headers['Cache-Control']);
      return response as never;
    },
  );
};
