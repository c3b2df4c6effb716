import type { MqttClient } from 'mqtt';
import { Backoff } from '../../core/backoff.ts';
import type { Clock } from '../../core/clock.ts';
import type { MqttCode } from '../../core/codes.ts';
import { describeError } from '../../core/errors.ts';
import type { Log } from '../../core/log.ts';
import { connectClient } from './client.ts';
import { brokerCode, DisconnectedByBroker, explainBrokerFault } from './fault.ts';

const keepaliveS = 20;
const connectTimeoutMs = 10_000;
/** Duration after which a connection resets the backoff. Two devices with one name replace each other's connection sooner. */
const stableMs = 10_000;
const logIntervalMs = 600_000;
const reconnectMs = [500, 1000, 2000, 5000, 10_000, 30_000];

/** Longest message that the broker may send, in bytes: a larger one could fill the memory. MQTT 3.1.1 has no such limit. */
const maxPacketBytes = 65_536;

export interface ReceivedMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  /** MQTT 5: as published. MQTT 3.1.1: the broker had kept it for new subscribers. */
  readonly isRetained: boolean;
  /** Message expiry of MQTT 5: the remaining seconds. */
  readonly expiresS?: number;
}

export interface ConnectionDeps {
  readonly url: string;
  readonly username?: string;
  readonly password?: string;
  readonly clientId: string;
  /** Retained message that the broker publishes when the device vanishes. */
  readonly will: { readonly topic: string; readonly payload: string };
  readonly clock: Clock;
  readonly log: Log;
  readonly reconnectMs?: readonly number[];
  /** Topic filters that are subscribed to after each CONNACK. */
  readonly subscriptions?: readonly string[];
  /** Called with each message of a subscription. */
  onMessage?(message: ReceivedMessage): void;
  /** Called when the broker refuses a subscription. */
  onRefusedSubscription?(error: unknown): void;
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
 * broker that refuses it gets 3.1.1.
 */
export class BrokerConnection {
  readonly #deps: ConnectionDeps;
  readonly #address: ReturnType<typeof splitCredentials>;
  readonly #backoff: Backoff;
  #client: MqttClient | undefined;
  #retry: NodeJS.Timeout | undefined;
  #protocolVersion: 4 | 5 = 5;
  #isStopped = false;
  #lastReason = '';
  #loggedAt = 0;

  constructor(deps: ConnectionDeps) {
    this.#deps = deps;
    this.#address = splitCredentials(deps);
    this.#backoff = new Backoff(deps.reconnectMs ?? reconnectMs);
  }

  get isConnected(): boolean {
    return this.#client?.connected ?? false;
  }

  start(): void {
    try {
      this.#watch(this.#connect());
    } catch (error) {
      // An exception of the library is a fault like any other: it is reported, and a retry follows.
      this.#retryAfter(error, undefined);
    }
  }

  #connect(): MqttClient {
    const { clientId, will } = this.#deps;
    const { url, username, password } = this.#address;
    return connectClient(url, {
      protocolVersion: this.#protocolVersion,
      clientId,
      clean: true,
      keepalive: keepaliveS,
      connectTimeout: connectTimeoutMs,
      reconnectPeriod: 0,
      queueQoSZero: false,
      ...(this.#protocolVersion === 5 && { properties: { maximumPacketSize: maxPacketBytes } }),
      will: { topic: will.topic, payload: Buffer.from(will.payload), qos: 1, retain: true },
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
    });
  }

  #watch(client: MqttClient): void {
    this.#client = client;
    let fault: unknown;
    let connectedAt: number | undefined;
    client.on('connect', () => {
      connectedAt = this.#deps.clock.mono();
      this.#lastReason = '';
      this.#subscribe(client);
      this.#deps.onConnected();
    });
    client.on('message', (topic, payload, { retain, properties }) => {
      const expiresS = properties?.messageExpiryInterval;
      this.#deps.onMessage?.({ topic, payload, isRetained: retain, ...(expiresS !== undefined && { expiresS }) });
    });
    // The first fault is the cause; later ones are its consequences.
    client.on('error', (error) => (fault ??= error));
    client.on('disconnect', ({ reasonCode }) => (fault ??= new DisconnectedByBroker(reasonCode ?? 0)));
    client.on('close', () => {
      if (this.#client !== client) return;
      this.#client = undefined;
      // Rejects the messages whose acknowledgement can no longer come.
      client.end(true);
      if (!this.#isStopped) this.#retryAfter(fault, connectedAt);
    });
  }

  #subscribe(client: MqttClient): void {
    const { subscriptions = [], onRefusedSubscription } = this.#deps;
    if (subscriptions.length === 0) return;
    // `rap`: the retain flag stays as published, so that a retained command is recognised when it is sent, too.
    client.subscribe([...subscriptions], { qos: 1, rap: true }, (error) => {
      if (error && client.connected) onRefusedSubscription?.(error);
    });
  }

  /** With QoS 1 it resolves with the broker's acknowledgement. Rejects if the connection is lost before. */
  publish(topic: string, payload: string, options: { qos: 0 | 1; retain?: boolean }): Promise<void> {
    const client = this.#client;
    if (!client?.connected) return Promise.reject(new Error('not connected'));
    return new Promise((resolve, reject) => {
      client.publish(topic, payload, options, (error) => (error ? reject(error) : resolve()));
    });
  }

  /** @param isClean true: sends DISCONNECT, so that the broker drops the will; false: the broker publishes the will */
  stop(isClean: boolean): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#retry);
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
    if (connectedAt === undefined && this.#mayRefuseVersion(fault)) {
      this.#protocolVersion = 4;
      this.start();
      return;
    }
    if (connectedAt === undefined) this.#protocolVersion = 5;
    else if (this.#deps.clock.mono() - connectedAt >= stableMs) this.#backoff.reset();
    const wasConnected = connectedAt !== undefined;
    const address = { ...this.#address, clientId: this.#deps.clientId, wasConnected };
    const reason = describeError(explainBrokerFault(fault, address));
    this.#logReason(reason);
    this.#deps.onOffline(reason, brokerCode(fault));
    // Jitter: after a restart of the broker the devices of a fleet must not reconnect at the same moment.
    const delay = this.#backoff.next() * (0.8 + 0.4 * Math.random());
    this.#retry = setTimeout(() => this.start(), delay);
  }

  /** Whether the broker may have refused MQTT 5: by its code, or by closing the connection on a packet that it cannot read. */
  #mayRefuseVersion(fault: unknown): boolean {
    if (this.#protocolVersion === 4) return false;
    const code = fault instanceof Error && 'code' in fault ? fault.code : undefined;
    return code === 1 || code === 132 || code === undefined || code === 'ECONNRESET' || code === 'EPIPE';
  }

  #logReason(reason: string): void {
    const now = this.#deps.clock.mono();
    if (reason === this.#lastReason && now - this.#loggedAt < logIntervalMs) return;
    this.#lastReason = reason;
    this.#loggedAt = now;
    this.#deps.log.warn(reason);
  }
}

/**
 * The address without credentials, and the credentials: those of the configuration, otherwise those of the URL. mqtt.js would
 * decode them before it splits them, and split at the last colon of the password.
 */
export function splitCredentials({ url, username, password }: Pick<ConnectionDeps, 'url' | 'username' | 'password'>) {
  const bare = new URL(url);
  const ofUrl = (text: string) => (text === '' ? undefined : decoded(text));
  const credentials = { username: username ?? ofUrl(bare.username), password: password ?? ofUrl(bare.password) };
  bare.username = '';
  bare.password = '';
  return { url: bare.href, ...credentials };
}

/** Decodes %XX. Any other % stays. */
function decoded(text: string): string {
  return text.replaceAll(/(?:%[0-9a-f]{2})+/gi, (escaped) =>
    Buffer.from(escaped.replaceAll('%', ''), 'hex').toString(),
  );
}
