import { connect, type IClientOptions, type MqttClient } from 'mqtt';
import { type BrokerTls, readBrokerTls } from './tls.ts';

/** Address, credentials and TLS files of the broker, as configured. */
export interface BrokerAccess {
  readonly url: string;
  readonly username?: string;
  readonly password?: string;
  readonly tls?: BrokerTls;
}

/**
 * A client of the broker. mqtt.js rebuilds the address of a WebSocket and loses the brackets of an IPv6 address, so it gets
 * the whole address.
 *
 * @throws MienError for TLS files that cannot be used, and errors of mqtt.js and its WebSocket library for an address or
 * option that they refuse
 */
export function connectClient(access: BrokerAccess, options: IClientOptions): MqttClient {
  const { url, username, password } = splitCredentials(access);
  const { protocol } = new URL(url);
  const tls = protocol === 'mqtts:' || protocol === 'wss:' ? readBrokerTls(access.tls ?? {}) : {};
  const isWebSocket = protocol === 'ws:' || protocol === 'wss:';
  return connect(url, {
    ...options,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    // mqtt.js passes only some of the TLS options on to the WebSocket.
    ...(isWebSocket ? { wsOptions: tls, transformWsUrl: () => url } : tls),
  });
}

/**
 * The address without credentials, and the credentials: those of the configuration, otherwise those of the URL. mqtt.js would
 * decode them before it splits them, and split at the last colon of the password.
 */
export function splitCredentials({ url, username, password }: BrokerAccess) {
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
