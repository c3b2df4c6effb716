import { OpenAPIHono } from '@hono/zod-openapi';
import { HealthCheck } from '../ops/health.ts';
import { Viewers } from '../sinks/live/viewers.ts';
import { onlyEncrypted, onlySameOrigin, onlyThisHost, safeHeaders, shareWith } from './access.ts';
import { answerFault, refuseInvalid, refuseUnknown } from './answers/errors.ts';
import type { AppDeps } from './app-deps.ts';
import { createAuth, requireRole } from './auth/auth.ts';
import { findPeer } from './auth/peer.ts';
import { pathBelow, serveBelow } from './base-path.ts';
import { Bodies } from './bodies/bodies.ts';
import { type DeviceView, forOutside } from './device-view.ts';
import { ScreenWatch } from './live/screen.ts';
import { kioskFiles } from './pages/kiosk-files.ts';
import { problemsAsPages } from './pages/notices.ts';
import { classifyRoutes } from './routes/classify.ts';
import type { RouteContext } from './routes/context.ts';
import { deviceRoutes } from './routes/device.ts';
import { docsRoutes } from './routes/docs.ts';
import { eventRoutes } from './routes/events.ts';
import { historyRoutes } from './routes/history.ts';
import { liveRoutes } from './routes/live.ts';
import { operatorRoutes } from './routes/operator.ts';
import { sessionDocs } from './routes/session.ts';
import { settingsRoutes } from './routes/settings.ts';
import { stateRoutes } from './routes/state.ts';
import { addressForPhones } from './server/phone-address.ts';

/** The groups of routes; each says by role who may use it. */
const groups = [
  stateRoutes,
  historyRoutes,
  liveRoutes,
  eventRoutes,
  classifyRoutes,
  deviceRoutes,
  settingsRoutes,
  operatorRoutes,
  sessionDocs,
  docsRoutes,
];

/** Everything that the daemon serves over HTTP: the kiosk page, the API, the streams. Listening is `serveApp`'s. */
export function createApp(deps: AppDeps): OpenAPIHono {
  const { board, clock, settings, log } = deps;
  const config = settings.current;
  const viewers = new Viewers(deps.live, () => clock.mono());
  const health = new HealthCheck({ clock, stallMs: config.camera.stallMs });
  board.subscribe((state) => health.observe(state, deps.latest()));
  const screen = new ScreenWatch();
  const bodies = new Bodies(deps.bodyLimits);
  const context: RouteContext = {
    deps,
    bodies,
    settings,
    screen,
    viewers,
    health,
    view: createView(deps, viewers, screen),
  };

  const auth = createAuth({ http: config.http, clock, log, bodies, ...(deps.links && { links: deps.links }) });
  const { http } = config;
  const app = new OpenAPIHono({ defaultHook: refuseInvalid, getPath: pathBelow(http.basePath) });
  app.use(safeHeaders(http.frameAncestors), findPeer(http.trustedProxies));
  const looks = () => {
    const { language, theme, textScale } = settings.current.kiosk;
    return { language, theme, textScale };
  };
  app.use(problemsAsPages({ kioskDir: deps.kioskDir, basePath: http.basePath, settings: looks }));
  app.use(onlyThisHost(http.allowedHosts), onlySameOrigin(http), serveBelow(http.basePath));
  if (http.allowedOrigins.length > 0) app.use(shareWith(http.allowedOrigins));
  if (http.tls.cert !== undefined) app.use(onlyEncrypted);
  for (const each of auth.middleware) app.use(each);
  app.route('/api/v1/session', auth.routes);
  for (const addTo of groups) addTo(app, context);
  const pages = kioskFiles(deps.kioskDir, looks);
  app.on('GET', ['/admin', '/admin.html'], requireRole('operator'), pages);
  app.on('GET', ['/', '/:file', '/assets/:file'], pages);
  app.notFound(refuseUnknown(app));
  app.onError(answerFault(log));
  return app;
}

function createView(deps: AppDeps, viewers: Viewers, screen: ScreenWatch): () => DeviceView {
  const { board, bootId, clock, operations, settings, version } = deps;
  const startedAt = clock.mono();
  return () => ({
    version,
    bootId,
    uptimeSeconds: Math.round((clock.mono() - startedAt) / 1000),
    device: { name: settings.current.device.name },
    kiosk: { ...settings.current.kiosk, address: addressForPhones(settings.current.http.host) },
    paused: operations.isPaused(),
    screen: screen.newest,
    labels: board.current.vision.labels ?? [],
    sampleMs: settings.current.store.sampleMs,
    state: forOutside(board.current),
    live: viewers.counts,
  });
}
