import type { MqttClient } from 'mqtt';
import type { Clock } from '../../core/clock.ts';
import type { MqttCode } from '../../core/codes.ts';
import { describeError } from '../../core/errors.ts';
import type { Log } from '../../core/log.ts';
import { type BrokerAccess, connectClient, splitCredentials } from './client.ts';
import { ConnectionLog } from './connection-log.ts';
import { brokerCode, DisconnectedByBroker, explainBrokerFault, mayRefuseVersion, Unacknowledged } from './fault.ts';
import { ReconnectDelay } from './reconnect.ts';
import { SendQuota } from './send-quota.ts';

/**
 * Times that notice a silent link. mqtt.js pings `keepaliveS` after the broker's last acknowledgement and gives up at 1.5
 * times that: 22.5 s.
 */
export const linkTimes = { keepaliveS: 15, connectMs: 10_000, acknowledgeMs: 25_000 };

/** Longest message that the broker may send, in bytes: a larger one could fill the memory. MQTT 3.1.1 has no such limit. */
const maxPacketBytes = 65_536;
/** Receive Maximum of a broker that names none. */
const usualReceiveMaximum = 65_535;
/** Reason codes from here on are refusals. */
const firstRefusal = 0x80;

export interface ReceivedMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  /** MQTT 5: as published. MQTT 3.1.1: the broker had kept it for new subscribers. */
  readonly isRetained: boolean;
  /** Message expiry of MQTT 5: the remaining seconds. */
  readonly expiresS?: number;
}

export interface ConnectionDeps extends BrokerAccess {
  readonly clientId: string;
  /** Retained message that the broker publishes when the device vanishes. */
  readonly will?: { readonly topic: string; readonly payload: string };
  readonly clock: Clock;
  readonly log: Log;
  readonly reconnectMs?: readonly number[];
  readonly times?: typeof linkTimes;
  /** Topic filters that are subscribed to after each CONNACK. */
  readonly subscriptions?: readonly string[];
  /** Called with each message of a subscription. */
  onMessage?(message: ReceivedMessage): void;
  /** Called with the broker's answer to each subscription. `refusal` is undefined if it is granted. */
  onSubscription?(filter: string, refusal: Error | undefined): void;
  /** Called after the broker's CONNACK. */
  onConnected(): void;
  /** Called when the connection is lost or an attempt fails. `reason` is one line with a remedy. */
  onOffline(reason: string, code: MqttCode): void;
}

/**
 * Keeps one connection to the broker. Every attempt uses a new mqtt.js client. The reconnection of mqtt.js has a fixed period,
 * and it sends unacknowledged messages again from memory, which would duplicate those of the outbox.
 *
 * MQTT 5 is tried first, because only it reports reasons (another client with this id, a topic that is not allowed). A
 * broker that refuses it gets 3.1.1. A broker that has spoken it before gets 3.1.1 only after an explicit refusal: a
 * connection that breaks during a restart of the broker is none.
 */
export class BrokerConnection {
  readonly #deps: ConnectionDeps;
  readonly #address: ReturnType<typeof splitCredentials>;
  readonly #delay: ReconnectDelay;
  readonly #times: typeof linkTimes;
  readonly #log: ConnectionLog;
  #client: MqttClient | undefined;
  #quota = new SendQuota(usualReceiveMaximum);
  #retry: NodeJS.Timeout | undefined;
  #protocolVersion: 4 | 5 = 5;
  #hasSpokenVersion5 = false;
  #startedAt = 0;
  #isStopped = false;

  constructor(deps: ConnectionDeps) {
    this.#deps = deps;
    this.#address = splitCredentials(deps);
    this.#delay = new ReconnectDelay(deps.reconnectMs);
    this.#times = deps.times ?? linkTimes;
    this.#log = new ConnectionLog(deps);
  }

  get isConnected(): boolean {
    return this.#client !== undefined && isUp(this.#client);
  }

  /** Does nothing after `stop`. */
  start(): void {
    if (this.#isStopped) return;
    this.#startedAt = this.#deps.clock.mono();
    try {
      this.#watch(this.#connect());
    } catch (error) {
      // An exception of the library or a wrong TLS file is a fault like any other: it is reported, and a retry follows.
      this.#retryAfter(error, undefined);
    }
  }

  #connect(): MqttClient {
    const { clientId, will } = this.#deps;
    return connectClient(this.#deps, {
      protocolVersion: this.#protocolVersion,
      clientId,
      clean: true,
      keepalive: this.#times.keepaliveS,
      connectTimeout: this.#times.connectMs,
      reconnectPeriod: 0,
      queueQoSZero: false,
      ...(this.#protocolVersion === 5 && { properties: { maximumPacketSize: maxPacketBytes } }),
      ...(will && { will: { topic: will.topic, payload: Buffer.from(will.payload), qos: 1, retain: true } }),
    });
  }

  #watch(client: MqttClient): void {
    this.#client = client;
    let fault: unknown;
    let connectedAt: number | undefined;
    client.on('packetreceive', (packet) => {
      const properties = packet.cmd === 'connack' ? packet.properties : undefined;
      // A broker may ask for a longer keepalive. More frequent pings are allowed, and a silent link must be noticed.
      if (properties?.serverKeepAlive !== undefined) {
        properties.serverKeepAlive = Math.min(properties.serverKeepAlive, this.#times.keepaliveS);
      }
    });
    client.on('connect', ({ properties }) => {
      connectedAt = this.#deps.clock.mono();
      this.#hasSpokenVersion5 ||= this.#protocolVersion === 5;
      this.#quota = new SendQuota(properties?.receiveMaximum ?? usualReceiveMaximum);
      this.#log.connected();
      this.subscribe(this.#deps.subscriptions ?? []);
      this.#deps.onConnected();
    });
    client.on('message', (topic, payload, { retain, properties }) => {
      const expiresS = properties?.messageExpiryInterval;
      this.#deps.onMessage?.({ topic, payload, isRetained: retain, ...(expiresS !== undefined && { expiresS }) });
    });
    // The first fault is the cause; later ones are its consequences.
    client.on('error', (error) => (fault ??= error));
    // mqtt.js does not pass on errors without a code, such as those of the WebSocket library.
    client.stream.on('error', (error: unknown) => (fault ??= error));
    client.on('disconnect', ({ reasonCode }) => (fault ??= new DisconnectedByBroker(reasonCode ?? 0)));
    client.on('close', () => {
      if (this.#client !== client) return;
      this.#client = undefined;
      // Rejects the messages whose acknowledgement can no longer come.
      client.end(true);
      if (!this.#isStopped) this.#retryAfter(fault, connectedAt);
    });
  }

  /** Subscribes to these of the `subscriptions` again, whose rights may have changed. */
  subscribe(filters: readonly string[]): void {
    const client = this.#client;
    const { onSubscription } = this.#deps;
    if (!client || !isUp(client) || filters.length === 0) return;
    // `rap`: the retain flag stays as published, so that a retained command is recognised when it is sent, too.
    client.subscribe([...filters], { qos: 1, rap: true }, (error, _subscriptions, answer) => {
      if (!isUp(client)) return;
      for (const [index, filter] of filters.entries()) {
        // An error without the broker's answer concerns all filters.
        const isGranted = error === null || Number(answer?.granted[index]) < firstRefusal;
        onSubscription?.(filter, isGranted ? undefined : error);
      }
    });
  }

  /**
   * With QoS 1 it resolves with the broker's acknowledgement. Rejects if the connection is lost before. Messages above the
   * Receive Maximum of the broker wait in their order.
   */
  publish(topic: string, payload: string, options: { qos: 0 | 1; retain?: boolean }): Promise<void> {
    const client = this.#client;
    if (!client) return Promise.reject(new Error('not connected'));
    const send = () => this.#send(client, topic, payload, options);
    return options.qos === 0 ? send() : this.#quota.run(send);
  }

  #send(client: MqttClient, topic: string, payload: string, options: { qos: 0 | 1; retain?: boolean }): Promise<void> {
    if (!isUp(client)) return Promise.reject(new Error('not connected'));
    return new Promise((resolve, reject) => {
      const { acknowledgeMs } = this.#times;
      const overdue = setTimeout(() => {
        client.stream.destroy(new Unacknowledged(`no acknowledgement within ${acknowledgeMs / 1000} s`));
      }, acknowledgeMs).unref();
      client.publish(topic, payload, options, (error) => {
        clearTimeout(overdue);
        if (error) reject(error);
        else resolve();
      });
    });
  }

  /** @param isClean true: sends DISCONNECT, so that the broker drops the will; false: the broker publishes the will */
  stop(isClean: boolean): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#retry);
    this.#log.ended();
    const client = this.#client;
    if (!client) return Promise.resolve();
    return new Promise((resolve) => {
      const leave = setTimeout(() => {
        client.stream.destroy();
        resolve();
      }, 200);
      client.end(!isClean || !client.connected, () => {
        clearTimeout(leave);
        resolve();
      });
    });
  }

  #retryAfter(fault: unknown, connectedAt: number | undefined): void {
    const isRefusal = this.#protocolVersion === 5 && mayRefuseVersion(fault, this.#hasSpokenVersion5);
    if (connectedAt === undefined && isRefusal) {
      this.#protocolVersion = 4;
      this.start();
      return;
    }
    const wasConnected = connectedAt !== undefined;
    if (!wasConnected) this.#protocolVersion = 5;
    const { clock, clientId, onOffline } = this.#deps;
    const address = { ...this.#address, clientId, wasConnected, now: clock.now() };
    const reason = describeError(explainBrokerFault(fault, address));
    this.#log.failed(reason);
    const code = brokerCode(fault);
    onOffline(reason, code);
    // `onOffline` may have stopped it.
    if (this.#isStopped) return;
    const delay = this.#delay.next({
      isRefused: code !== 'broker-unreachable',
      attemptMs: wasConnected ? 0 : clock.mono() - this.#startedAt,
      ...(wasConnected && { connectedMs: clock.mono() - connectedAt! }),
    });
    this.#retry = setTimeout(() => this.start(), delay);
  }
}

/** mqtt.js calls a client connected that is leaving, or whose link it has given up, until the stream is closed. */
function isUp({ connected, disconnecting, stream }: MqttClient): boolean {
  return connected && !disconnecting && !stream.destroyed;
}
