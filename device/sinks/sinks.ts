import type { LiveConfig } from '../config/live.ts';
import type { Config } from '../config/schema.ts';
import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import type { MinuteLog, Receiver, Sink, VisitLog } from '../core/sink.ts';
import type { StateBoard } from '../core/state.ts';
import { Delivery } from './delivery.ts';
import { Feed } from './live/feed.ts';
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
  /** What commands over MQTT act on. */
  readonly device: MqttSinkDeps['device'];
  /** For MQTT. */
  readonly health: () => HealthReport;
  /** The privacy notice, for MQTT. */
  readonly privacy: () => object;
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
export function createSinks({ config, databaseFile, visits, minutes, observer, ...base }: SinksDeps): Sinks {
  const { mqtt: mqttConfig, store: storeConfig, device } = config;
  const store = createSqliteSink({
    ...base,
    ...storeConfig,
    file: databaseFile,
    keepUnpublished: mqttConfig.enabled,
  });
  const mqtt = createMqttSink({ ...base, config: mqttConfig, deviceName: device.name, outbox: store });
  const feed = new Feed();
  const delivery = new Delivery({
    visits,
    minutes,
    receivers: [store, mqtt, feed, { ...observer, name: 'observer' }],
    log: base.log,
    tickMs: Math.min(1000, storeConfig.sampleMs),
  });
  return { store, backups: new Backups({ file: databaseFile }), mqtt, feed, delivery };
}
