import { randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import { listCaptureDevices } from './camera/devices.ts';
import { configId } from './config/config-id.ts';
import { LiveConfig } from './config/live.ts';
import type { LoadedConfig } from './config/load.ts';
import { shownTexts } from './config/mask.ts';
import { openOverrides } from './config/overrides.ts';
import type { Config } from './config/schema.ts';
import { systemClock } from './core/clock.ts';
import { Lifecycle } from './core/lifecycle.ts';
import type { Log } from './core/log.ts';
import { packageRoot, packageVersion } from './core/paths.ts';
import { type DeviceState, StateBoard } from './core/state.ts';
import type { Reading, Visit } from './core/types.ts';
import { createApp } from './http/app.ts';
import { LoginLinks } from './http/auth/links.ts';
import { ReadingThread } from './http/reads/reading-thread.ts';
import type { Addresses } from './http/server/addresses.ts';
import { HttpServer } from './http/server/http-server.ts';
import { auditToLog } from './ops/audit-log.ts';
import { DeviceControl } from './ops/control.ts';
import { deviceFacts } from './ops/facts.ts';
import { Governor } from './ops/governor/governor.ts';
import { HealthCheck } from './ops/health.ts';
import type { LogRing } from './ops/log-ring.ts';
import { PauseMark } from './ops/pause-mark.ts';
import { operatorRecords } from './ops/records.ts';
import { announcement } from './ops/running.ts';
import { ServiceNotices } from './ops/service/service-notices.ts';
import { WrittenBytes } from './ops/written.ts';
import { Metrics } from './sinks/metrics/metrics.ts';
import { createSinks } from './sinks/sinks.ts';
import { visionSettings } from './vision/messages.ts';
import { VisionSupervisor } from './vision/supervise/supervisor.ts';
import { Uploads } from './vision/uploads/uploads.ts';
import { createMinuteLog } from './visits/minutes.ts';
import { createVisitLog } from './visits/visits.ts';

export interface DaemonDeps {
  readonly config: Config;
  /** The origin of the configuration, for the operator page. */
  readonly origin?: Pick<LoadedConfig, 'file' | 'sources'>;
  /** The newest lines of `log`. */
  readonly logs?: LogRing;
  /** The findings of `mien doctor`, for the support bundle. */
  readonly doctor?: () => Promise<unknown>;
  readonly log: Log;
  /** Called with each reading and visit, after the sinks; the demo counts them. */
  readonly onReading?: (reading: Reading) => void;
  readonly onVisit?: (visit: Visit) => void;
}

export interface Daemon extends Addresses {
  /** Makes login links; a secret. */
  readonly linkKey: string;
  readonly databaseFile: string;
  readonly board: { readonly current: DeviceState };
  /** Flushes everything, publishes `offline` and ends the vision process; within 2 s. */
  stop(): Promise<void>;
}

/**
 * The daemon's composition root: builds the parts, starts them in order, and stops them backwards.
 *
 * @throws MienError when the port is taken, or another daemon uses the data folder. A camera, model or broker that is
 * missing, and a disk that is full, read-only or damaged, appear on the state board, and the part keeps trying.
 */
export async function startDaemon(deps: DaemonDeps): Promise<Daemon> {
  const { log } = deps;
  const settings = new LiveConfig(deps.config, openOverrides(deps.config.dataDir, log));
  const config = settings.current;
  log.level = config.log.level;
  const board = new StateBoard(config.camera.source, shownTexts(config));
  const bootId = randomBytes(6).toString('hex');
  const base = { log, board, bootId, clock: systemClock, version: packageVersion, audit: auditToLog(log) };
  const databaseFile = join(resolve(config.dataDir), 'mien.db');
  const modelsDir = config.modelsDir ?? join(packageRoot, 'models');
  const visionNow = () => visionSettings(settings.current, modelsDir);
  const visits = createVisitLog({ ...base, ...config.visits });
  const minutes = createMinuteLog({ ...base, configId: () => configId(settings.current) });
  const { store, backups, mqtt, feed, delivery } = createSinks({
    ...{ ...base, config, settings, databaseFile, visits, minutes, observer: deps },
    ...{ health: () => health.report(), privacy: () => facts.privacy() },
    ...{ networkUrls: () => server.addresses.networkUrls, device: () => commanded() },
  });
  const vision = new VisionSupervisor({
    ...base,
    settings: visionNow(),
    memoryLimitMb: config.vision.memoryLimitMb,
    onReading: (reading) => delivery.onReading(reading),
  });
  settings.subscribe((now) => {
    vision.changeSettings(visionNow());
    log.level = now.log.level;
  });
  const pauseMark = new PauseMark(config.dataDir, log);
  const control = new DeviceControl({ ...base, settings, vision, pauseMark });
  const commanded = () => ({ ...base, control, live: vision, isPaused: () => vision.paused });
  const governor = new Governor({ ...base, settings, control });
  const health = new HealthCheck({ ...base, feed, stallMs: config.camera.stallMs });
  const links = new LoginLinks(() => systemClock.now());
  const reads = new ReadingThread({ file: databaseFile, log, onDamage: (...found) => store.reportDamage(...found) });
  const uploads = new Uploads({ settings: visionNow, log });
  const facts = deviceFacts({ settings, vision, modelsDir, listCameras: listCaptureDevices });
  const metrics = new Metrics({ ...base, settings, feed, vision, uploads });
  const written = new WrittenBytes({ ...base, processes: metrics.processes });
  const app = createApp({
    ...{ ...base, settings, live: vision, feed, reads, backups, control, uploads, facts, links, metrics },
    ...{ health: () => health.check(), records: operatorRecords(deps, facts) },
    kioskDir: join(packageRoot, 'kiosk', 'dist'),
  });
  const server = new HttpServer(app, config.http, log);
  const running = announcement(config.dataDir, () => ({ ...server.addresses, linkKey: links.key }), log);
  const service = new ServiceNotices({ ...base, vision, health });
  const lifecycle = new Lifecycle(log);
  const serving = [store, health, metrics, written, uploads, reads, backups, server, running];
  await lifecycle.start([...serving, mqtt, delivery, control, vision, governor, service]);
  return { ...server.addresses, linkKey: links.key, databaseFile, board, stop: () => lifecycle.stop() };
}
