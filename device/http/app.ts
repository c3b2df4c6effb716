import { Hono } from 'hono';
import type { Config } from '../config/schema.ts';
import type { Clock } from '../core/clock.ts';
import { describeError } from '../core/errors.ts';
import type { LiveSource } from '../core/live.ts';
import type { Log } from '../core/log.ts';
import type { StateBoard } from '../core/state.ts';
import type { History } from '../core/store.ts';
import type { Reading } from '../core/types.ts';
import { Viewers } from '../sinks/live/viewers.ts';
import { onlyGet, onlySameOrigin, onlyThisHost, safeHeaders } from './access.ts';
import { createApi } from './api.ts';
import { createAuth } from './auth/auth.ts';
import { type DeviceView, withoutCredentials } from './device-view.ts';
import { HealthCheck } from './health.ts';
import { kioskFiles } from './kiosk-files.ts';
import { liveSocket } from './live-socket.ts';
import { problem } from './problem.ts';
import { mjpegStream, snapshot } from './streams.ts';

export interface AppDeps {
  readonly config: Config;
  readonly board: StateBoard;
  readonly live: LiveSource;
  readonly history: History;
  /** The newest reading, if there was one. */
  readonly latest: () => Reading | undefined;
  readonly version: string;
  readonly bootId: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Folder of the built kiosk page. */
  readonly kioskDir: string;
  /** How long /snapshot.jpg waits for a frame; 2 s. */
  readonly snapshotTimeoutMs?: number;
  /** How often a viewer gets, and must answer, a sign of life; 5 s. */
  readonly heartbeatMs?: number;
}

/** Everything that the daemon serves over HTTP: the kiosk page, the API, the streams. Listening is `serveApp`'s. */
export function createApp(deps: AppDeps): Hono {
  const { board, clock, config, log } = deps;
  const viewers = new Viewers(deps.live);
  const view = createView(deps, viewers);
  const health = new HealthCheck({ clock, stallMs: config.camera.stallMs });
  board.subscribe((state) => health.observe(state, deps.latest()));

  const auth = createAuth({ http: config.http, clock, log });
  const app = new Hono();
  app.use(safeHeaders, onlyThisHost(config.http.allowedHosts), onlySameOrigin, ...auth.middleware);
  app.route('/api/v1/session', auth.routes);
  app.use(onlyGet);
  app.get('/healthz', (c) => {
    const result = withoutCredentials(health.check(board.current, deps.latest()));
    // A load balancer needs no more; the rest is for those who may see it.
    if (c.get('principal').role === undefined) {
      return c.json({ status: result.status }, result.status === 'failing' ? 503 : 200, {
        'Cache-Control': 'no-store',
      });
    }
    const { version, bootId, uptimeSeconds, state, live } = view();
    return c.json(
      { ...result, version, bootId, uptimeSeconds, ...state, live },
      result.status === 'failing' ? 503 : 200,
      {
        'Cache-Control': 'no-store',
      },
    );
  });
  app.route('/api/v1', createApi({ view, latest: deps.latest, history: deps.history, clock }));
  app.get('/stream.mjpeg', mjpegStream(viewers));
  app.get('/snapshot.jpg', snapshot({ viewers, board, timeoutMs: deps.snapshotTimeoutMs ?? 2000 }));
  app.get(
    '/live',
    liveSocket({
      viewers,
      view: () => ({ type: 'state', ...view() }),
      onStateChange: (listener) => board.subscribe(listener),
      log,
      heartbeatMs: deps.heartbeatMs ?? 5000,
    }),
    (c) =>
      problem(c, {
        status: 426,
        title: 'Not a WebSocket',
        detail: '/live is a WebSocket',
        headers: { Upgrade: 'websocket' },
      }),
  );
  app.use(
    kioskFiles(deps.kioskDir, {
      language: config.kiosk.language,
      theme: config.kiosk.theme,
      textScale: config.kiosk.textScale,
    }),
  );

  app.notFound((c) => problem(c, { status: 404, title: 'Not found', detail: `There is nothing at ${c.req.path}` }));
  app.onError((error, c) => {
    log.error({ err: error }, `${c.req.method} ${c.req.path} failed: ${describeError(error)}`);
    return problem(c, {
      status: 500,
      title: 'Internal fault',
      detail: 'The request failed inside the device',
      remedy: 'The log of the daemon says why.',
    });
  });
  return app;
}

function createView({ board, bootId, clock, config, version }: AppDeps, viewers: Viewers): () => DeviceView {
  const startedAt = clock.mono();
  return () => ({
    version,
    bootId,
    uptimeSeconds: Math.round((clock.mono() - startedAt) / 1000),
    device: { name: config.device.name },
    kiosk: { title: config.kiosk.title, notice: config.kiosk.notice },
    labels: board.current.vision.labels ?? [],
    state: withoutCredentials(board.current),
    live: viewers.counts,
  });
}
