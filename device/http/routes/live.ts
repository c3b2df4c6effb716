import { createRoute } from '@hono/zod-openapi';
import type { LiveConfig } from '../../config/live.ts';
import type { DeviceView } from '../../contract/state.ts';
import type { Log } from '../../core/log.ts';
import type { StateBoard } from '../../core/state.ts';
import type { Viewers } from '../../sinks/live/viewers.ts';
import { ProblemError } from '../answers/problem.ts';
import { liveSocket } from '../live/live-socket.ts';
import { mjpegStream, snapshot } from '../live/streams.ts';
import { liveQuery, streamQuery } from '../schemas/live.ts';
import { queryOf } from '../schemas/query.ts';
import type { RouteGroup } from './context.ts';
import { groupOf, jpegAnswer, problems } from './route.ts';

const liveDescription = `A WebSocket (RFC 6455). The device sends two kinds of message:

- text: the state as JSON, \`{"type":"state",...}\` with the fields of DeviceView. Sent at connect, at each change and every 5 s.
- binary: one frame with its reading. First the length of the head (4 bytes, big-endian). Then the head as JSON in UTF-8,
  \`{"type":"frame","reading":Reading}\`. Then the JPEG of the same frame.

The viewer must answer pings; other messages are ignored. A slow viewer gets fewer frames, never older ones.`;

export interface LiveNeeds {
  readonly board: StateBoard;
  readonly log: Log;
  readonly settings: LiveConfig;
  readonly view: () => DeviceView;
  readonly viewers: Viewers;
  /** Time that /snapshot.jpg waits for a frame beyond the frame interval, in ms. Default: 2000. */
  readonly snapshotTimeoutMs?: number;
  /** Interval of the pings to a viewer, in ms. An unanswered ping ends the connection at the next one. Default: 5000. */
  readonly heartbeatMs?: number;
}

/** Live pictures: WebSocket, MJPEG and snapshot. */
export const liveRoutes: RouteGroup<LiveNeeds> = (app, needs) => {
  const { board, log, settings, view, viewers, snapshotTimeoutMs = 2000, heartbeatMs = 5000 } = needs;
  const shared = {
    ...groupOf('Live', 'viewer'),
    method: 'get' as const,
    request: { query: queryOf({}) },
  };

  app.openapi(
    createRoute({
      ...shared,
      request: { query: streamQuery },
      path: '/stream.mjpeg',
      operationId: 'streamPicture',
      summary: 'Motion JPEG',
      description:
        'Frames with boxes and labels drawn into the picture, for players without WebSocket. Ends when the client disconnects.',
      responses: {
        200: {
          description: 'Frames',
          content: { 'multipart/x-mixed-replace': { schema: { type: 'string', format: 'binary' } as const } },
        },
        ...problems(400),
      },
    }),
    mjpegStream(viewers) as never,
  );

  app.openapi(
    createRoute({
      ...shared,
      path: '/snapshot.jpg',
      operationId: 'getSnapshot',
      summary: 'Snapshot',
      description: 'The next frame, with boxes and labels drawn into the picture.',
      responses: { 200: jpegAnswer, ...problems(400, 409, 503) },
    }),
    snapshot({ viewers, board, timeoutMs: () => snapshotTimeoutMs + frameIntervalMs() }) as never,
  );

  /** By the lowest of the limits on the frame rate: at 0.1 frames per second the next frame is 10 s away. */
  function frameIntervalMs(): number {
    const { camera, governor } = board.current;
    const { fps } = settings.current.camera;
    return 1000 / Math.min(fps, camera.fps ?? fps, governor?.fpsLimit ?? fps);
  }

  const socket = liveSocket({
    viewers,
    view: () => ({ type: 'state', ...view() }),
    onStateChange: (listener) => board.subscribe(listener),
    log,
    heartbeatMs,
  });
  app.openapi(
    createRoute({
      ...shared,
      request: { query: liveQuery },
      path: '/live',
      operationId: 'openLiveSocket',
      summary: 'Frames with their readings (WebSocket)',
      description: liveDescription,
      responses: {
        101: { description: 'The connection is now a WebSocket' },
        ...problems(400, 426),
      },
    }),
    (c) => socket(c, refuse) as never,
  );
};

async function refuse(): Promise<never> {
  throw new ProblemError({
    status: 426,
    title: 'Not a WebSocket',
    detail: 'Expected a WebSocket upgrade, got a plain HTTP request',
    remedy: 'Connect with a WebSocket client; for a plain HTTP stream use /stream.mjpeg.',
    headers: { Upgrade: 'websocket' },
  });
}
