import { OpenAPIHono } from '@hono/zod-openapi';
import type { Config } from '../config/schema.ts';
import type { Clock } from '../core/clock.ts';
import type { LiveSource } from '../core/live.ts';
import type { Log } from '../core/log.ts';
import type { StateBoard } from '../core/state.ts';
import type { History } from '../core/store.ts';
import type { Reading } from '../core/types.ts';
import { Viewers } from '../sinks/live/viewers.ts';
import { onlyEncrypted, onlySameOrigin, onlyThisHost, safeHeaders } from './access.ts';
import { createAuth } from './auth/auth.ts';
import type { LoginLinks } from './auth/links.ts';
import { type DeviceView, withoutCredentials } from './device-view.ts';
import { answerFault, refuseInvalid, refuseUnknown } from './errors.ts';
import { HealthCheck } from './health.ts';
import { kioskFiles } from './kiosk-files.ts';
import type { RouteContext } from './routes/context.ts';
import { docsRoutes } from './routes/docs.ts';
import { historyRoutes } from './routes/history.ts';
import { liveRoutes } from './routes/live.ts';
import { sessionDocs } from './routes/session.ts';
import { stateRoutes } from './routes/state.ts';

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
  /** Accepts the links that `mien access link` makes; without it none are. */
  readonly links?: LoginLinks;
  /** How long /snapshot.jpg waits for a frame; 2 s. */
  readonly snapshotTimeoutMs?: number;
  /** How often a viewer gets, and must answer, a sign of life; 5 s. */
  readonly heartbeatMs?: number;
}

/** The groups of routes; each says by role who may use it. */
const groups = [stateRoutes, historyRoutes, liveRoutes, sessionDocs, docsRoutes];

/** Everything that the daemon serves over HTTP: the kiosk page, the API, the streams. Listening is `serveApp`'s. */
export function createApp(deps: AppDeps): OpenAPIHono {
  const { board, clock, config, log } = deps;
  const viewers = new Viewers(deps.live);
  const health = new HealthCheck({ clock, stallMs: config.camera.stallMs });
  board.subscribe((state) => health.observe(state, deps.latest()));
  const context: RouteContext = {
    deps,
    viewers,
    health,
    view: createView(deps, viewers),
  };

  const auth = createAuth({ http: config.http, clock, log, ...(deps.links && { links: deps.links }) });
  const app = new OpenAPIHono({ defaultHook: refuseInvalid });
  app.use(safeHeaders, onlyThisHost(config.http.allowedHosts), onlySameOrigin);
  if (config.http.tls.cert !== undefined) app.use(onlyEncrypted);
  app.use(...auth.middleware);
  app.route('/api/v1/session', auth.routes);
  for (const addTo of groups) addTo(app, context);
  const { language, theme, textScale } = config.kiosk;
  const pages = kioskFiles(deps.kioskDir, { language, theme, textScale });
  app.on('GET', ['/', '/:file', '/assets/:file'], pages);
  app.notFound(refuseUnknown(app));
  app.onError(answerFault(log));
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
