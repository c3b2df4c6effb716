import { keepOf } from '../config/keep.ts';
import type { LiveConfig } from '../config/live.ts';
import type { Config } from '../config/schema.ts';
import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import type { MinuteLog, Receiver, Sink, VisitLog } from '../core/sink.ts';
import type { StateBoard } from '../core/state.ts';
import type { History } from '../core/store.ts';
import { Delivery } from './delivery.ts';
import { Feed } from './live/feed.ts';
import { keepDeviceId } from './mqtt/homeassistant/device-id.ts';
import { createMqttSink, type MqttSinkDeps } from './mqtt/mqtt.ts';
import type { HealthReport } from './mqtt/payloads.ts';
import { Backups } from './sqlite/backup/backups.ts';
import { createSqliteSink, type SqliteSink } from './sqlite/sqlite.ts';

export interface SinksDeps {
  readonly config: Config;
  readonly databaseFile: string;
  /** Makes visits from the readings. */
  readonly visits: VisitLog;
  /** Makes minutes from the readings and visits. */
  readonly minutes: MinuteLog;
  readonly settings: LiveConfig;
  /** Control and live pictures for commands over MQTT. */
  readonly device?: MqttSinkDeps['device'];
  /** For MQTT. */
  readonly health: () => HealthReport;
  /** The privacy notice, for MQTT. */
  readonly privacy: () => object;
  /** Addresses of the pages for other machines, for MQTT. */
  readonly networkUrls: () => readonly string[];
  readonly board: StateBoard;
  readonly clock: Clock;
  readonly log: Log;
  readonly bootId: string;
  readonly version: string;
  /** Receives readings and visits after the sinks. */
  readonly observer: Omit<Receiver, 'name'>;
}

export interface Sinks {
  readonly store: SqliteSink;
  /** Makes copies of the store's database. */
  readonly backups: Backups;
  readonly mqtt: Sink;
  readonly feed: Feed;
  /** Hands readings and visits to all of them. */
  readonly delivery: Delivery;
}

/** Builds the sinks of the configuration. */
export function createSinks({
  config,
  databaseFile,
  visits,
  minutes,
  observer,
  networkUrls,
  ...base
}: SinksDeps): Sinks {
  const { mqtt: mqttConfig, store: storeConfig, device, dataDir } = config;
  const store = createSqliteSink({
    ...base,
    file: databaseFile,
    sampleMs: storeConfig.sampleMs,
    keep: keepOf(storeConfig),
    keepUnpublished: mqttConfig.enabled,
    outboxLimit: mqttConfig.enabled ? storeConfig.outboxLimit : undefined,
  });
  const mqtt = createMqttSink({
    ...base,
    config: mqttConfig,
    deviceName: device.name,
    deviceId: mqttConfig.enabled ? keepDeviceId(dataDir, base.log) : '',
    adminUrl: () => networkUrls().map((url) => `${url}/admin`)[0],
    lastDwellMs: () => lastDwellMs(store),
    outbox: store,
  });
  const feed = new Feed();
  const delivery = new Delivery({
    visits,
    minutes,
    receivers: [store, mqtt, feed, { ...observer, name: 'observer' }],
    log: base.log,
    tickMs: 1000,
    sampleMs: storeConfig.sampleMs,
  });
  return { store, backups: new Backups({ file: databaseFile }), mqtt, feed, delivery };
}

function lastDwellMs(history: Pick<History, 'visits'>): number | undefined {
  try {
    return history.visits({ from: 0, to: Number.MAX_SAFE_INTEGER, limit: 1 }).rows[0]?.dwellMs;
  } catch {
    // The state of the store has the reason why it cannot be read.
    return undefined;
  }
}
