import { OpenAPIHono } from '@hono/zod-openapi';
import type { LiveConfig } from '../config/live.ts';
import type { LiveSettingsPatch } from '../config/live-settings.ts';
import type { DeviceView } from '../contract/state.ts';
import type { Clock } from '../core/clock.ts';
import type { Audit, Control } from '../core/control.ts';
import type { LiveSource } from '../core/live.ts';
import type { Log } from '../core/log.ts';
import type { StateBoard } from '../core/state.ts';
import type { Health } from '../ops/health.ts';
import type { Feed } from '../sinks/live/feed.ts';
import { Viewers } from '../sinks/live/viewers.ts';
import type { Metrics } from '../sinks/metrics/metrics.ts';
import type { Backups } from '../sinks/sqlite/backup/backups.ts';
import { onlyEncrypted, onlySameOrigin, onlyThisHost, safeHeaders, shareWith } from './access.ts';
import { answerFault, refuseInvalid, refuseUnknown } from './answers/errors.ts';
import { createAuth, requireRole } from './auth/auth.ts';
import type { LoginLinks } from './auth/links.ts';
import { findPeer } from './auth/peer.ts';
import { pathBelow, serveBelow } from './base-path.ts';
import { Bodies, type BodyLimits } from './bodies/bodies.ts';
import { ScreenWatch } from './live/screen.ts';
import { kioskFiles } from './pages/kiosk-files.ts';
import { problemsAsPages } from './pages/notices.ts';
import type { Reads } from './reads/reads.ts';
import { classifyRoutes, type PictureClassifier } from './routes/classify.ts';
import { type DeviceFacts, deviceRoutes } from './routes/device.ts';
import { docsRoutes } from './routes/docs.ts';
import { eventRoutes } from './routes/events.ts';
import { exportRoutes } from './routes/exports.ts';
import { historyRoutes } from './routes/history.ts';
import { liveRoutes } from './routes/live.ts';
import { metricsRoutes } from './routes/metrics.ts';
import { type OperatorRecords, operatorRoutes } from './routes/operator.ts';
import { sessionDocs } from './routes/session.ts';
import { settingsRoutes } from './routes/settings.ts';
import { stateRoutes } from './routes/state.ts';
import { addressForPhones } from './server/phone-address.ts';

export interface AppDeps {
  readonly settings: LiveConfig;
  readonly board: StateBoard;
  readonly live: LiveSource;
  /** Publishes readings and visits, and holds the newest reading. */
  readonly feed: Feed;
  /** Large reads of the log. */
  readonly reads: Reads;
  readonly backups: Pick<Backups, 'make'>;
  readonly health: () => Health;
  readonly metrics: Pick<Metrics, 'page'>;
  readonly control: Control<LiveSettingsPatch>;
  /** Records copies of the log that leave the device; `control` records its own requests. */
  readonly audit: Audit;
  readonly uploads: PictureClassifier;
  readonly facts: DeviceFacts;
  readonly records: OperatorRecords;
  readonly version: string;
  readonly bootId: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Folder of the built kiosk page. */
  readonly kioskDir: string;
  /** Checks the links of `mien access link`. Without it, all links are refused. */
  readonly links?: LoginLinks;
  /** See `LiveNeeds`. */
  readonly snapshotTimeoutMs?: number;
  /** See `LiveNeeds`. */
  readonly heartbeatMs?: number;
  /** Limits of the request bodies in progress. Tests use shorter ones. */
  readonly bodyLimits?: BodyLimits;
}

/** The groups of routes. Each names the role that it requires. */
const groups = [
  stateRoutes,
  historyRoutes,
  exportRoutes,
  liveRoutes,
  eventRoutes,
  classifyRoutes,
  deviceRoutes,
  metricsRoutes,
  settingsRoutes,
  operatorRoutes,
  sessionDocs,
  docsRoutes,
];

/** Builds the HTTP app: the kiosk page, the API and the streams. `serveApp` listens. */
export function createApp(deps: AppDeps): OpenAPIHono {
  const { clock, settings, log } = deps;
  const config = settings.current;
  const viewers = new Viewers(deps.live, () => clock.mono());
  const screen = new ScreenWatch();
  const bodies = new Bodies(deps.bodyLimits);
  const needs = { ...deps, bodies, screen, viewers, view: createView(deps, viewers, screen) };

  const auth = createAuth({ config, clock, log, bodies, ...(deps.links && { links: deps.links }) });
  const { http } = config;
  const app = new OpenAPIHono({ defaultHook: refuseInvalid, getPath: pathBelow(http.basePath) });
  app.use(safeHeaders(http.frameAncestors), findPeer(http.trustedProxies));
  const appearance = () => {
    const { language, theme, textScale } = settings.current.kiosk;
    return { language, theme, textScale };
  };
  app.use(problemsAsPages({ kioskDir: deps.kioskDir, basePath: http.basePath, settings: appearance }));
  app.use(onlyThisHost(http.allowedHosts), onlySameOrigin(http), serveBelow(http.basePath));
  if (http.allowedOrigins.length > 0) app.use(shareWith(http.allowedOrigins));
  if (http.tls.cert !== undefined) app.use(onlyEncrypted);
  for (const each of auth.middleware) app.use(each);
  app.route('/api/v1/session', auth.routes);
  for (const addTo of groups) addTo(app, needs);
  const pages = kioskFiles(deps.kioskDir, appearance);
  app.on('GET', ['/admin', '/admin.html'], requireRole('operator'), pages);
  app.on('GET', ['/', '/:file', '/assets/:file'], pages);
  app.notFound(refuseUnknown(app));
  app.onError(answerFault(log));
  return app;
}

function createView(deps: AppDeps, viewers: Viewers, screen: ScreenWatch): () => DeviceView {
  const { board, bootId, clock, facts, settings, version } = deps;
  const startedAt = clock.mono();
  return () => ({
    version,
    bootId,
    uptimeSeconds: Math.round((clock.mono() - startedAt) / 1000),
    device: { name: settings.current.device.name },
    kiosk: { ...settings.current.kiosk, address: addressForPhones(settings.current.http.host) },
    profile: settings.profile,
    paused: facts.isPaused(),
    screen: screen.newest,
    labels: board.current.vision.labels ?? [],
    sampleMs: settings.current.store.sampleMs,
    state: board.current,
    live: viewers.counts,
  });
}
