import { connect, type IClientOptions, type MqttClient } from 'mqtt';

/**
 * A client of the broker at `url`. mqtt.js puts the address of a WebSocket together again and loses the brackets of an IPv6
 * address on the way, so it is handed the whole one.
 *
 * @throws whatever mqtt.js and the library below it throw for an address or an option that they do not like
 */
export function connectClient(url: string, options: IClientOptions): MqttClient {
  const { protocol } = new URL(url);
  const isWebSocket = protocol === 'ws:' || protocol === 'wss:';
  return connect(url, { ...options, ...(isWebSocket && { transformWsUrl: () => withoutCredentials(url) }) });
}

function withoutCredentials(url: string): string {
  const bare = new URL(url);
  bare.username = '';
  bare.password = '';
  return bare.href;
}
