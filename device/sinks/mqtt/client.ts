import { connect, type IClientOptions, type MqttClient } from 'mqtt';

/**
 * A client of the broker at `url`. mqtt.js rebuilds the address of a WebSocket and loses the brackets of an IPv6 address, so
 * it gets the whole address.
 *
 * @throws errors of mqtt.js and its WebSocket library for an address or option that they refuse
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
