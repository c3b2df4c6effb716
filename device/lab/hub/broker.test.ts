import { chmodSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectAsync, type MqttClient } from 'mqtt';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { configSchema } from '../../config/schema.ts';
import { forgetDevice } from '../../sinks/mqtt/forget.ts';
import { freePort } from '../fixtures/mosquitto.ts';
import { scratchFolder } from '../fixtures/scratch.ts';
import { Broker } from './broker.ts';

const folder = scratchFolder();
let broker: Broker;
const clients: MqttClient[] = [];

beforeAll(async () => {
  chmodSync(folder, 0o755);
  broker = await Broker.prepare(folder, await freePort(), ['lobby', 'hall']);
  await broker.start();
});

afterAll(async () => {
  await Promise.all(clients.map((client) => client.endAsync(true)));
  await broker.end('SIGTERM');
});

test.each([
  { user: 'lobby', topic: 'mien/lobby/visit', isAllowed: true },
  { user: 'lobby', topic: 'homeassistant/device/mien_0123456789ab/config', isAllowed: true },
  { user: 'lobby', topic: 'mien/hall/visit', isAllowed: false },
  { user: 'lobby', topic: 'mien/hall/set/paused', isAllowed: false },
  { user: 'lobby', topic: 'homeassistant/status', isAllowed: false },
  { user: 'ingest', topic: 'mien/lobby/visit', isAllowed: false },
  { user: 'homeassistant', topic: 'mien/lobby/set/paused', isAllowed: true },
  { user: 'homeassistant', topic: 'mien/lobby/visit', isAllowed: false },
  { user: 'nodered', topic: 'hub/alert/lobby', isAllowed: true },
  { user: 'nodered', topic: 'mien/lobby/set/paused', isAllowed: false },
])('$user publishes to $topic: $isAllowed', async ({ user, topic, isAllowed }) => {
  const client = await login(user);
  const sent = client.publishAsync(topic, 'x', { qos: 1 });
  if (isAllowed) await sent;
  else await expect(sent).rejects.toThrow(/Not authorized/);
});

test('each user receives what its role needs, and nothing else', async () => {
  const users = ['lobby', 'hall', 'ingest', 'homeassistant'];
  const received = new Map(users.map((user) => [user, [] as string[]]));
  for (const user of users) {
    const client = await login(user);
    client.on('message', (topic) => received.get(user)!.push(topic));
    await client.subscribeAsync('mien/#', { qos: 1 });
  }
  const [device, home] = [await login('lobby'), await login('homeassistant')];
  await device.publishAsync('mien/lobby/visit', '{}', { qos: 1 });
  await device.publishAsync('mien/lobby/people', '{}', { qos: 1 });
  await device.publishAsync('mien/lobby/state', '{}', { qos: 1 });
  await home.publishAsync('mien/lobby/set/paused', 'ON', { qos: 1 });
  await sleep(300);
  expect(Object.fromEntries(received)).toEqual({
    lobby: ['mien/lobby/state', 'mien/lobby/set/paused'],
    hall: [],
    ingest: ['mien/lobby/visit'],
    homeassistant: ['mien/lobby/visit', 'mien/lobby/people', 'mien/lobby/state', 'mien/lobby/set/paused'],
  });
});

test('a device with its own login forgets itself, unless it is online', async () => {
  const device = await login('hall');
  const retained = { qos: 1, retain: true } as const;
  await device.publishAsync('mien/hall/state', '{"device_id":"0123456789ab"}', retained);
  await device.publishAsync('mien/hall/availability', 'online', retained);
  const access = { username: 'hall', password: broker.password, tls: { ca: broker.ca } };
  const config = configSchema.parse({ mqtt: { url: broker.url, ...access } }).mqtt;
  const forget = () => forgetDevice({ config, deviceName: 'hall', version: '1.2.3' });
  await expect(forget()).rejects.toThrow('The device hall is online');
  await device.publishAsync('mien/hall/availability', 'offline', retained);
  expect(await forget()).toMatchObject({
    topics: expect.arrayContaining(['mien/hall/availability', 'mien/hall/state']),
    deviceIds: ['0123456789ab'],
  });
});

test('a client without a password is refused', async () => {
  await expect(login('lobby', 'wrong')).rejects.toThrow(/Not authorized/);
});

async function login(username: string, password = broker.password): Promise<MqttClient> {
  const ca = readFileSync(broker.ca);
  const client = await connectAsync(
    broker.url,
    { ca, username, password, protocolVersion: 5, reconnectPeriod: 0 },
    false,
  );
  clients.push(client);
  return client;
}
