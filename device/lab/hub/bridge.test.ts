/** A site's broker with the deployed bridge, and the hub's rights for it, without TLS. */
import { connectAsync } from 'mqtt';
import { expect, test } from 'vitest';
import { mqttMessages } from '../../contract/mqtt/topics.ts';
import { mqttSinks, until } from '../fixtures/mqtt-sink.ts';
import { hubFile } from './files.ts';

const { mosquitto, observer, afterTest } = mqttSinks();

const password = 'right';
/** The entry of the bridge, which is a comment until there is a site. */
const acl = hubFile('mosquitto/acl')
  .replaceAll(/^#(user bridge|topic )/gm, '$1')
  .split('\n');

async function site() {
  const users = { 'bridge-berlin': password, nodered: password, homeassistant: password };
  const hub = await mosquitto({ users, acl });
  const seen = await observer(hub.url, '#', { username: 'nodered', password });
  const bridge = hubFile('mosquitto/bridge.conf', {
    'hub.example.net:8883': `127.0.0.1:${hub.port}`,
    'bridge_cafile /etc/mosquitto/mien/ca.crt\n': '',
    'CHANGE-ME': password,
  });
  const broker = await mosquitto({ lines: bridge.split('\n') });
  await until(() => expect(seen.texts('hub/site/berlin')).toEqual(['1']));
  const client = async (url: string, username?: string) => {
    const connected = await connectAsync(url, { protocolVersion: 5, ...(username && { username, password }) });
    afterTest(() => connected.endAsync(true));
    return connected;
  };
  return { hub, broker, seen, client };
}

test('records, states and responses of a device reach the hub, readings and other devices do not', async () => {
  const { broker, seen, client } = await site();
  const device = await client(broker.url);
  await device.publishAsync('mien/other/visit', '{}', { qos: 1 });
  await device.publishAsync('mien/lobby/reading', '{}');
  const topics = Object.keys(mqttMessages).filter((topic) => topic !== 'reading' && topic !== 'response');
  for (const topic of [...topics, 'response/ping']) await device.publishAsync(`mien/lobby/${topic}`, '{}', { qos: 1 });
  await until(() => expect(seen.texts('mien/lobby/response/ping')).toHaveLength(1));
  const arrived = new Set(seen.messages.map(({ topic }) => topic));
  expect([...arrived].sort()).toEqual(
    ['hub/site/berlin', ...[...topics, 'response/ping'].map((topic) => `mien/lobby/${topic}`)].sort(),
  );
});

test('commands, discovery and the birth message pass between Home Assistant and a device', async () => {
  const { hub, broker, client } = await site();
  const [home, device] = [await client(hub.url, 'homeassistant'), await client(broker.url)];
  const received: string[] = [];
  for (const each of [home, device]) each.on('message', (topic) => received.push(topic));
  const discovery = 'homeassistant/device/mien_0123456789ab/config';
  await home.subscribeAsync('homeassistant/device/#', { qos: 1 });
  await device.subscribeAsync(['mien/lobby/set/#', 'homeassistant/status'], { qos: 1 });
  await device.publishAsync(discovery, '{}', { qos: 1 });
  await home.publishAsync('homeassistant/status', 'online', { qos: 1 });
  await home.publishAsync('mien/lobby/set/paused', 'ON', { qos: 1 });
  await until(() => expect(received.sort()).toEqual([discovery, 'homeassistant/status', 'mien/lobby/set/paused']));
});
