import { randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import { listCaptureDevices } from './camera/devices.ts';
import { readCard } from './classify/card.ts';
import { LiveConfig } from './config/live.ts';
import type { LoadedConfig } from './config/load.ts';
import { shownTexts } from './config/mask.ts';
import { openOverrides } from './config/overrides.ts';
import type { Config } from './config/schema.ts';
import { systemClock, wait } from './core/clock.ts';
import type { Log } from './core/log.ts';
import { packageRoot, packageVersion } from './core/paths.ts';
import type { Sink } from './core/sink.ts';
import { type DeviceState, StateBoard } from './core/state.ts';
import type { Reading, Visit } from './core/types.ts';
import { createApp } from './http/app.ts';
import { LoginLinks } from './http/auth/links.ts';
import type { Operations } from './http/operations.ts';
import { ReadingThread } from './http/reads/reading-thread.ts';
import { addressesOf } from './http/server/addresses.ts';
import { serveApp } from './http/server/serve.ts';
import { collectBundle } from './ops/bundle-parts.ts';
import { Governor } from './ops/governor/governor.ts';
import { LogRing } from './ops/log-ring.ts';
import { PauseMark } from './ops/pause-mark.ts';
import { privacyNotice } from './ops/privacy.ts';
import { announceRunning } from './ops/running.ts';
import { Feed } from './sinks/live/feed.ts';
import { createMqttSink } from './sinks/mqtt/mqtt.ts';
import { createSqliteSink } from './sinks/sqlite/sqlite.ts';
import { visionSettings } from './vision/messages.ts';
import { privateMemoryMb } from './vision/supervise/memory.ts';
import { VisionSupervisor } from './vision/supervise/supervisor.ts';
import { Uploads } from './vision/uploads/uploads.ts';
import { createVisitLog } from './visits/visits.ts';

/** The longest that one part may take to stop. */
const stopDeadlineMs = 1500;

export interface DaemonDeps {
  readonly config: Config;
  /** Where the configuration came from; for the operator page. */
  readonly origin?: Pick<LoadedConfig, 'file' | 'sources'>;
  /** The newest lines of `log`. */
  readonly logs?: LogRing;
  /** What `mien doctor` finds, for the support bundle. */
  readonly doctor?: () => Promise<unknown>;
  readonly log: Log;
  /** Hears each reading and visit, beside the sinks; the demo counts them. */
  readonly onReading?: (reading: Reading) => void;
  readonly onVisit?: (visit: Visit) => void;
}

export interface Daemon {
  /** Address of the kiosk page, for people. */
  readonly url: string;
  /** The same for programs, which do not depend on a name being resolved. */
  readonly origin: string;
  /** Addresses for other machines; none where only this device is let in. */
  readonly networkUrls: readonly string[];
  /** Makes login links; a secret. */
  readonly linkKey: string;
  readonly databaseFile: string;
  readonly board: { readonly current: DeviceState };
  /** Flushes everything, says goodbye to the broker and ends the vision process; within 2 s. */
  stop(): Promise<void>;
}

/**
 * The daemon's composition root: builds the parts, starts them in order, and stops them backwards.
 *
 * @throws MienError when the port is taken, or another daemon uses the data folder. A camera, a model or a broker that is
 * missing, and a disk that is full, read-only or damaged, is shown on the state board, and worked on.
 */
export async function startDaemon(deps: DaemonDeps): Promise<Daemon> {
  const { log, onReading, onVisit } = deps;
  const settings = new LiveConfig(deps.config, openOverrides(deps.config.dataDir, log));
  const config = settings.current;
  log.level = config.log.level;
  const modelsDir = config.modelsDir ?? join(packageRoot, 'models');
  const bootId = randomBytes(6).toString('hex');
  const clock = systemClock;
  const board = new StateBoard(config.camera.source, shownTexts(config));
  const databaseFile = join(resolve(config.dataDir), 'mien.db');
  const visits = createVisitLog({ ...config.visits, bootId, clock });
  const store = createSqliteSink({
    file: databaseFile,
    ...config.store,
    keepUnpublished: config.mqtt.enabled,
    clock,
    log,
    board,
    bootId,
  });
  const mqtt = createMqttSink({
    config: config.mqtt,
    deviceName: config.device.name,
    outbox: store,
    board,
    log,
    clock,
    bootId,
    version: packageVersion,
  });
  // The store comes first: a visit must be in the outbox before the publisher looks for it.
  const feed = new Feed();
  const sinks: readonly Sink[] = config.mqtt.enabled ? [store, mqtt, feed] : [store, feed];
  let latest: Reading | undefined;

  const endVisits = (ended: readonly Visit[]) => {
    for (const visit of ended) {
      deliver(sinks, log, (sink) => sink.onVisit?.(visit));
      onVisit?.(visit);
    }
  };
  const pauseMark = new PauseMark(config.dataDir, log);
  const vision = new VisionSupervisor({
    settings: visionSettings(config, modelsDir),
    memoryLimitMb: config.vision.memoryLimitMb,
    board,
    log,
    onReading(reading) {
      latest = reading;
      deliver(sinks, log, (sink) => sink.onReading?.(reading));
      onReading?.(reading);
      endVisits(visits.update(reading));
    },
  });
  const governor = new Governor({
    config: config.governor,
    fps: () => settings.current.camera.fps,
    board,
    log,
    clock,
    onLimit: (fps) => vision.limitRate(fps),
  });
  const links = new LoginLinks(() => clock.now());
  const reads = new ReadingThread({
    file: databaseFile,
    log,
    onDamage: (inode, message) => store.reportDamage(inode, message),
  });
  const uploads = new Uploads({ settings: () => visionSettings(settings.current, modelsDir), log });
  settings.subscribe((now) => {
    vision.changeSettings(visionSettings(now, modelsDir));
    log.level = now.log.level;
  });
  const app = createApp({
    settings,
    links,
    operations: operationsOf(deps, settings, vision, pauseMark, uploads, modelsDir),
    board,
    live: vision,
    feed,
    reads,
    latest: () => latest,
    version: packageVersion,
    bootId,
    clock,
    log,
    kioskDir: join(packageRoot, 'kiosk', 'dist'),
  });

  const stops: (() => Promise<void> | void)[] = [];
  const stop = async () => {
    for (const end of stops.splice(0).reverse()) {
      const ended = new AbortController();
      // One part that cannot stop must not keep the others from flushing.
      const ending = Promise.resolve()
        .then(end)
        .catch((error: unknown) => log.error({ err: error }, 'A part did not stop cleanly'));
      await Promise.race([ending, wait(stopDeadlineMs, ended.signal)]);
      ended.abort();
    }
  };
  try {
    await store.start();
    stops.push(() => store.stop());
    const server = await serveApp(app, { ...config.http, log });
    stops.push(() => uploads.stop());
    stops.push(() => reads.stop());
    stops.push(() => server.stop());
    const addresses = addressesOf(config.http, server.port);
    stops.push(
      announceRunning(config.dataDir, { url: addresses.url, origin: addresses.origin, linkKey: links.key }, log),
    );
    if (config.mqtt.enabled) {
      await mqtt.start();
      stops.push(() => mqtt.stop());
    }
    const ticker = setInterval(
      () => {
        endVisits(visits.tick());
        store.onStays?.(visits.ongoing());
      },
      Math.min(1000, config.store.sampleMs),
    );
    stops.push(() => {
      clearInterval(ticker);
      endVisits(visits.flush());
    });
    if (pauseMark.isSet) {
      log.info('Paused before this start: the camera stays closed until an operator resumes it, on /admin');
      vision.pause(true);
    }
    vision.start();
    stops.push(() => vision.stop());
    // "As fast as possible" is no rate that could be stepped down.
    if (config.governor.enabled && config.camera.pace === 'source') {
      governor.start();
      stops.push(() => governor.stop());
    }
    return { ...addresses, linkKey: links.key, databaseFile, board, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What the pages may ask of the other parts, and make them do. */
function operationsOf(
  { origin, logs = new LogRing(), doctor = async () => undefined }: DaemonDeps,
  settings: LiveConfig,
  vision: VisionSupervisor,
  pauseMark: PauseMark,
  uploads: Uploads,
  modelsDir: string,
): Operations {
  const modelCard = () => readCard(modelsDir, settings.current.classify.model);
  const stages = () => vision.stages;
  return {
    classify: (bytes) => uploads.classify(bytes),
    isPaused: () => vision.paused,
    pause(paused) {
      // The camera closes before the disk is waited for, and opens after it.
      if (paused) vision.pause(true);
      pauseMark.keep(paused);
      if (!paused) vision.pause(false);
    },
    restartVision: () => vision.restart(),
    stages,
    memoryMb: () => privateMemoryMb(process.pid) ?? 0,
    listCameras: () => listCaptureDevices(),
    modelCard,
    privacy: () => privacyNotice(settings.current),
    logs: (query) => logs.lines(query),
    sources: origin?.sources ?? new Map(),
    configFile: origin?.file,
    supportBundle: (parts) => collectBundle({ logs, modelCard, stages, doctor }, parts),
  };
}

/** Sinks promise not to throw; one that breaks its promise must not take the others along. */
function deliver(sinks: readonly Sink[], log: Log, hand: (sink: Sink) => void): void {
  for (const sink of sinks) {
    try {
      hand(sink);
    } catch (error) {
      log.error({ err: error, sink: sink.name }, 'A sink failed');
    }
  }
}
