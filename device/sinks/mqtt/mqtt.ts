import { acceptsCommands } from '../../config/commands.ts';
import type { LiveConfig } from '../../config/live.ts';
import type { Config } from '../../config/schema.ts';
import { mqttMessages } from '../../contract/mqtt/topics.ts';
import type { Clock } from '../../core/clock.ts';
import type { MqttCode } from '../../core/codes.ts';
import type { Log } from '../../core/log.ts';
import { maskAddress } from '../../core/mask.ts';
import type { Sink } from '../../core/sink.ts';
import type { StateBoard } from '../../core/state.ts';
import type { Outbox } from '../../core/store.ts';
import type { Reading, Visit } from '../../core/types.ts';
import { type CommandedDevice, Commands } from './commands/commands.ts';
import { Snapshots } from './commands/snapshot.ts';
import { BrokerConnection, type ReceivedMessage } from './connection.ts';
import { HomeAssistant } from './homeassistant/home-assistant.ts';
import { type HealthReport, readingPayload } from './payloads.ts';
import { Publisher } from './publisher.ts';
import { RecordPump } from './record-pump.ts';
import { Refusals } from './refusals.ts';
import { States } from './states.ts';
import { within } from './within.ts';

/** Below `<baseTopic>/<device.name>/`. */
export const retainedTopics = Object.entries(mqttMessages).flatMap(([topic, { retain }]) => (retain ? [topic] : []));

/** Below `<baseTopic>/<device.name>/`. */
const commandFilters = ['set/#', 'request/#'];

/** Parts of the 1.5 s that a sink has to stop. */
const lastRecordsMs = 400;
const stopMs = 800;

const usualRetryMs = 60_000;

const withoutHomeAssistant = 'set mqtt.homeAssistant.enabled to false';

export interface MqttSinkDeps {
  readonly config: Config['mqtt'];
  readonly deviceName: string;
  readonly outbox: Outbox;
  readonly board: StateBoard;
  readonly log: Log;
  readonly clock: Clock;
  readonly bootId: string;
  readonly version: string;
  /** Stays when the device gets another name. */
  readonly deviceId: string;
  /** Address of the operator page for other machines; undefined if none reaches it. */
  readonly adminUrl: () => string | undefined;
  readonly settings: Pick<LiveConfig, 'profile' | 'subscribe'>;
  /** Control and live pictures for the commands; called at the start. Absent where no commands are accepted. */
  readonly device?: () => CommandedDevice;
  readonly health: () => HealthReport;
  /** The privacy notice. */
  readonly privacy: () => object;
  /** Dwell of the newest visit in the log; undefined without one. */
  readonly lastDwellMs: () => number | undefined;
  /** Interval at which refused messages are sent again, ms. */
  readonly retryMs?: number;
  /** Delays between attempts to connect, ms; the last one repeats. */
  readonly reconnectMs?: readonly number[];
}

/** Publishes availability, states, live readings, visits and minutes. The README beside this file lists the topics. */
export function createMqttSink(deps: MqttSinkDeps): Sink {
  return new MqttSink(deps);
}

class MqttSink implements Sink {
  readonly name = 'mqtt';
  readonly #deps: MqttSinkDeps;
  readonly #base: string;
  readonly #connection: BrokerConnection;
  readonly #pump: RecordPump;
  readonly #states: States;
  readonly #homeAssistant: HomeAssistant;
  readonly #refusals: Refusals;
  readonly #publisher: Publisher;
  #commands: Commands | undefined;
  #retry: NodeJS.Timeout | undefined;
  #readingSentAt = Number.NEGATIVE_INFINITY;
  #facesSent = 0;

  constructor(deps: MqttSinkDeps) {
    const { config, clock, log, deviceName, deviceId, version, adminUrl, board } = deps;
    this.#deps = deps;
    this.#base = `${config.baseTopic}/${deviceName}`;
    this.#refusals = new Refusals(deps);
    this.#homeAssistant = new HomeAssistant({
      config: config.homeAssistant,
      facts: { base: this.#base, deviceId, deviceName, version, acceptsCommands: this.#acceptsCommands },
      adminUrl,
      board,
      clock,
      publish: (topic, payload) => this.#publishDiscovery(topic, payload),
      onDue: () => this.#publishAll(),
    });
    this.#connection = new BrokerConnection({
      ...config,
      clientId: `mien-${deviceName}`,
      will: { topic: `${this.#base}/availability`, payload: 'offline' },
      clock,
      log,
      reconnectMs: deps.reconnectMs,
      subscriptions: this.#subscriptions,
      onMessage: (message) => this.#onMessage(message),
      onSubscription: (filter, refusal) => this.#onSubscription(filter, refusal),
      onConnected: () => this.#onConnected(),
      onOffline: (reason, code) => this.#onOffline(reason, code),
    });
    this.#publisher = new Publisher({
      deviceName,
      base: this.#base,
      bootId: deps.bootId,
      connection: this.#connection,
      refusals: this.#refusals,
    });
    this.#states = new States({
      ...deps,
      profile: () => deps.settings.profile,
      isConnected: () => this.#connection.isConnected,
      send: (topic, ts, body) => this.#publisher.send(topic, ts, body),
    });
    this.#pump = new RecordPump({
      outbox: deps.outbox,
      clock,
      log,
      isConnected: () => this.#connection.isConnected,
      publish: (record, historical) => this.#publisher.sendRecord(record, historical),
    });
  }

  async start(): Promise<void> {
    const { board, config, settings, device, retryMs = usualRetryMs } = this.#deps;
    if (!config.enabled) {
      board.update('mqtt', { state: 'disabled' });
      return;
    }
    board.update('mqtt', { state: 'connecting', url: maskAddress(config.url), reason: undefined });
    if (device && this.#acceptsCommands) this.#commands = this.#createCommands(device());
    this.#states.start();
    this.#homeAssistant.start();
    settings.subscribe(() => this.#states.settingsChanged());
    this.#pump.start();
    this.#retry = setInterval(() => this.#resendRefused(), retryMs);
    this.#connection.start();
  }

  async stop(): Promise<void> {
    clearInterval(this.#retry);
    this.#homeAssistant.stop();
    this.#commands?.stop();
    await within(lastRecordsMs, this.#pump.stop());
    await this.#connection.stop((await within(stopMs, this.#publishStop())) ?? false);
  }

  /** Resolves with true if the broker has acknowledged the end; otherwise its will reports the device as offline. */
  async #publishStop(): Promise<boolean> {
    const states = this.#states.stop();
    const offline = this.#publisher.sendAvailability('offline');
    return Promise.all([states, offline]).then(
      () => true,
      () => false,
    );
  }

  /** Sends at most one reading per `readingMs`, only with faces; after the last face has left, one more without faces. */
  onReading(reading: Reading): void {
    this.#states.onReading(reading);
    if (!this.#connection.isConnected) return;
    if (reading.faces.length === 0 && this.#facesSent === 0) return;
    const sinceMs = reading.mono - this.#readingSentAt;
    // A monotonic clock that goes back belongs to a new vision process.
    if (sinceMs >= 0 && sinceMs < this.#deps.config.readingMs) return;
    this.#readingSentAt = reading.mono;
    this.#facesSent = reading.faces.length;
    // A lost reading is replaced by the next one, and the connection shows its own faults.
    this.#publisher.send('reading', reading.ts, readingPayload(reading)).catch(() => {});
  }

  onVisit(visit: Visit): void {
    this.#states.onVisit(visit);
  }

  get #acceptsCommands(): boolean {
    return this.#deps.device !== undefined && acceptsCommands(this.#deps.config);
  }

  get #subscriptions(): readonly string[] {
    return [
      ...(this.#deps.config.homeAssistant.enabled ? [this.#homeAssistant.statusTopic] : []),
      ...(this.#acceptsCommands ? commandFilters.map((filter) => `${this.#base}/${filter}`) : []),
    ];
  }

  #createCommands({ control, ...device }: CommandedDevice): Commands {
    const { clock, log, version, board, config } = this.#deps;
    return new Commands({
      ...{ clock, log, version, control },
      snapshots: new Snapshots({ ...device, clock, board, isAllowed: config.snapshots }),
      respond: (name, body) => {
        // The sender sees a missing answer, and the connection shows its own faults.
        this.#publisher.send('response', clock.now(), body, `response/${name}`).catch(() => {});
      },
    });
  }

  #onMessage(message: ReceivedMessage): void {
    if (message.topic === this.#homeAssistant.statusTopic) this.#homeAssistant.onMessage(message);
    else this.#commands?.receive({ ...message, topic: message.topic.slice(this.#base.length + 1) });
  }

  #onConnected(): void {
    this.#refusals.clear();
    this.#deps.board.update('mqtt', { state: 'connected', reason: undefined, code: undefined });
    this.#publishAll();
    this.#pump.run();
  }

  /** Publishes all retained messages. The states follow the discovery, which makes Home Assistant subscribe to them. */
  #publishAll(): void {
    if (!this.#connection.isConnected) return;
    this.#publishOnline();
    this.#homeAssistant.announce();
    this.#states.sendAll();
  }

  /** Without this, a message that changes rarely would be missing until the next connect. */
  #resendRefused(): void {
    const { topics } = this.#refusals;
    if (topics.includes(this.#publisher.topic('availability'))) this.#publishOnline();
    if (topics.includes(this.#homeAssistant.topic)) this.#homeAssistant.announce();
    this.#states.sendRefused();
    this.#connection.subscribe(this.#subscriptions.filter((filter) => topics.includes(filter)));
  }

  #publishOnline(): void {
    // `Publisher` has reported the refusal, and it is sent again.
    this.#publisher.sendAvailability('online').catch(() => {});
  }

  #onSubscription(filter: string, refusal: Error | undefined): void {
    const orElse = filter === this.#homeAssistant.statusTopic ? `, or ${withoutHomeAssistant}` : '';
    if (refusal) this.#refusals.refused(filter, refusal, `Allow the user to read ${filter}${orElse}`, 'subscription');
    else this.#refusals.accepted(filter);
  }

  #publishDiscovery(topic: string, payload: string): void {
    const remedy = `Allow the user to publish there, or ${withoutHomeAssistant}`;
    // As for the availability.
    this.#publisher.deliver(topic, payload, { qos: 1 }, remedy).catch(() => {});
  }

  #onOffline(reason: string, code: MqttCode): void {
    this.#pump.connectionLost();
    this.#deps.board.update('mqtt', { state: 'offline', reason, code });
  }
}
