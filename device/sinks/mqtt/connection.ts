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
/** A connection that held this long starts the backoff anew; two devices with one name would chase each other else. */
const lastedMs = 10_000;
const logAgainMs = 600_000;
const reconnectMs = [500, 1000, 2000, 5000, 10_000, 30_000];

export interface ConnectionDeps {
  readonly url: string;
  readonly username?: string;
  readonly password?: string;
  readonly clientId: string;
  /** What the broker says of us, retained, when we vanish. */
  readonly will: { readonly topic: string; readonly payload: string };
  readonly clock: Clock;
  readonly log: Log;
  readonly reconnectMs?: readonly number[];
  /** After the broker's CONNACK, not before. */
  onConnected(): void;
  /** The connection was lost, or a try failed; `reason` is one line with a remedy. */
  onOffline(reason: string, code: MqttCode): void;
}

/**
 * Keeps one connection to the broker. Every try is a fresh mqtt.js client: its own reconnection has one fixed period, and
 * sends unacknowledged messages again from memory, which would double what the outbox sends again.
 *
 * MQTT 5 is tried first, because only it says why (another client with our id, a topic that is not allowed); a broker
 * that refuses it gets 3.1.1.
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
      this.#follow(this.#connect());
    } catch (error) {
      // What the library throws at once is a fault like any other: shown, and tried again.
      this.#again(error, undefined);
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
      will: { topic: will.topic, payload: Buffer.from(will.payload), qos: 1, retain: true },
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
    });
  }

  #follow(client: MqttClient): void {
    this.#client = client;
    let fault: unknown;
    let connectedAt: number | undefined;
    client.on('connect', () => {
      connectedAt = this.#deps.clock.mono();
      this.#lastReason = '';
      this.#deps.onConnected();
    });
    // The first word is the cause; what follows are its consequences.
    client.on('error', (error) => (fault ??= error));
    client.on('disconnect', ({ reasonCode }) => (fault ??= new DisconnectedByBroker(reasonCode ?? 0)));
    client.on('close', () => {
      if (this.#client !== client) return;
      this.#client = undefined;
      // Answers what still waits for an acknowledgement: it will not come.
      client.end(true);
      if (!this.#isStopped) this.#again(fault, connectedAt);
    });
  }

  /** QoS 1: resolves with the broker's acknowledgement; rejects when the connection is lost before. */
  publish(topic: string, payload: string, options: { qos: 0 | 1; retain?: boolean }): Promise<void> {
    const client = this.#client;
    if (!client?.connected) return Promise.reject(new Error('not connected'));
    return new Promise((resolve, reject) => {
      client.publish(topic, payload, options, (error) => (error ? reject(error) : resolve()));
    });
  }

  /** Says goodbye, so that the broker drops the will; not `isClean`: goes without a word, so that it sends it. */
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

  #again(fault: unknown, connectedAt: number | undefined): void {
    if (connectedAt === undefined && this.#mayBeTheVersion(fault)) {
      this.#protocolVersion = 4;
      this.start();
      return;
    }
    if (connectedAt === undefined) this.#protocolVersion = 5;
    else if (this.#deps.clock.mono() - connectedAt >= lastedMs) this.#backoff.reset();
    const wasConnected = connectedAt !== undefined;
    const address = { ...this.#address, clientId: this.#deps.clientId, wasConnected };
    const reason = describeError(explainBrokerFault(fault, address));
    this.#tell(reason);
    this.#deps.onOffline(reason, brokerCode(fault));
    // A fleet whose broker restarts must not come back in step.
    const delay = this.#backoff.next() * (0.8 + 0.4 * Math.random());
    this.#retry = setTimeout(() => this.start(), delay);
  }

  /** Refused for its version, or hung up on: so do brokers that cannot read the packet. */
  #mayBeTheVersion(fault: unknown): boolean {
    if (this.#protocolVersion === 4) return false;
    const code = fault instanceof Error && 'code' in fault ? fault.code : undefined;
    return code === 1 || code === 132 || code === undefined || code === 'ECONNRESET' || code === 'EPIPE';
  }

  #tell(reason: string): void {
    const now = this.#deps.clock.mono();
    if (reason === this.#lastReason && now - this.#loggedAt < logAgainMs) return;
    this.#lastReason = reason;
    this.#loggedAt = now;
    this.#deps.log.warn(reason);
  }
}

/**
 * The URL's credentials, where the configuration has none of its own. Not left to mqtt.js: it decodes them first and
 * splits them then, at the last colon of the password.
 */
export function splitCredentials({ url, username, password }: Pick<ConnectionDeps, 'url' | 'username' | 'password'>) {
  const bare = new URL(url);
  const ofUrl = (text: string) => (text === '' ? undefined : decoded(text));
  const credentials = { username: username ?? ofUrl(bare.username), password: password ?? ofUrl(bare.password) };
  bare.username = '';
  bare.password = '';
  return { url: bare.href, ...credentials };
}

/** A bare % is meant as it stands. */
function decoded(text: string): string {
  return text.replaceAll(/(?:%[0-9a-f]{2})+/gi, (escaped) =>
    Buffer.from(escaped.replaceAll('%', ''), 'hex').toString(),
  );
}
