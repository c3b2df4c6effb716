import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Aedes } from 'aedes';
import { expect, test } from 'vitest';
import { configSchema } from '../../config/schema.ts';
import { mqttSinks, until } from '../../lab/fixtures/mqtt-sink.ts';
import { type ForgetDeps, forgetDevice } from './forget.ts';
import type { MqttSinkDeps } from './mqtt.ts';

const { mosquitto, observer, startSink, cable, afterTest } = mqttSinks();
const discovery = 'homeassistant/device/mien_0123456789ab/config';

function forget(url: string, { config, ...change }: Omit<Partial<ForgetDeps>, 'config'> & { config?: object } = {}) {
  const parsed = configSchema.parse({ mqtt: { url, ...config } }).mqtt;
  return forgetDevice({ config: parsed, deviceName: 'dev', version: '1.2.3', ...change });
}

/** Starts a device and stops it, so that the broker keeps its messages. */
async function visit(url: string, change: Partial<MqttSinkDeps> = {}): Promise<void> {
  const { sink, board } = await startSink({ url, change });
  await until(() => expect(board.current.mqtt.state).toBe('connected'));
  await sleep(300);
  await sink.stop();
}

test('nothing retained is left, and the removal at Home Assistant has the id of the retained state', async () => {
  const broker = await mosquitto();
  await visit(broker.url);
  const other = await observer(broker.url, '#');
  await until(() => expect(other.texts('mien/dev/availability')).toEqual(['offline']));
  const { topics, deviceIds } = await forget(broker.url);
  expect(deviceIds).toEqual(['0123456789ab']);
  expect(topics).toContain('mien/dev/camera/state');
  // Home Assistant cannot remove a component that was not announced since its start.
  const told = other.messages.filter(({ topic }) => topic === discovery);
  expect(told.map(({ text }) => text && JSON.parse(text).device.name)).toEqual(['dev', '']);
  expect(JSON.parse(told[0]!.text).components.temperature).toHaveProperty('unique_id');
  const left = await observer(broker.url, '#');
  await sleep(300);
  expect(left.messages).toEqual([]);
});

test('a device of another name keeps its messages', async () => {
  const broker = await mosquitto();
  await visit(broker.url);
  expect(await forget(broker.url, { deviceName: 'de' })).toEqual({ topics: [], deviceIds: [], renamed: [] });
  const left = await observer(broker.url, 'mien/dev/#');
  await until(() => expect(left.texts('mien/dev/availability')).toEqual(['offline']));
});

test('a device that is online is not forgotten, unless that is forced', async () => {
  const broker = await mosquitto();
  const { board } = await startSink({ url: broker.url });
  await until(() => expect(board.current.mqtt.state).toBe('connected'));
  const seen = await observer(broker.url, 'mien/dev/#');
  await until(() => expect(seen.texts('mien/dev/privacy')).toHaveLength(1));
  await expect(forget(broker.url)).rejects.toMatchObject({
    message: 'The device dev is online',
    remedy: 'Stop it first, and wait for 30 s if it was killed; or add --force',
  });
  expect(seen.texts('mien/dev/privacy')).toHaveLength(1);
  expect((await forget(broker.url, { force: true })).topics).toContain('mien/dev/privacy');
});

test('without a retained state the id of this device is used', async () => {
  const broker = await mosquitto();
  const own = { name: 'dev', id: 'aaaaaaaaaaaa' };
  expect((await forget(broker.url, { own })).deviceIds).toEqual(['aaaaaaaaaaaa']);
});

test('a simulated device is removed, too', async () => {
  const broker = await mosquitto();
  await visit(broker.url, { deviceName: 'sim-00001', deviceId: 'sim-00001' });
  expect((await forget(broker.url, { deviceName: 'sim-00001' })).deviceIds).toEqual(['sim-00001']);
});

test('over a slow link the retained messages are waited for', async () => {
  const broker = await mosquitto();
  const { board } = await startSink({ url: broker.url });
  await until(() => expect(board.current.mqtt.state).toBe('connected'));
  const link = await cable(broker.port);
  link.slow(1000);
  await expect(forget(link.url)).rejects.toMatchObject({ message: 'The device dev is online' });
});

test('a device that runs under another name keeps its entities at Home Assistant', async () => {
  const broker = await mosquitto();
  await visit(broker.url);
  const { sink, board } = await startSink({ url: broker.url, change: { deviceName: 'hall' } });
  await until(() => expect(board.current.mqtt.state).toBe('connected'));
  const seen = await observer(broker.url, '#');
  await until(() => expect(seen.texts('mien/hall/state')).toHaveLength(1));
  const { topics, ...told } = await forget(broker.url);
  expect(told).toEqual({ deviceIds: [], renamed: [{ id: '0123456789ab', name: 'hall' }] });
  expect(topics).toContain('mien/dev/state');
  expect(topics.filter((topic) => topic.startsWith('mien/hall/'))).toEqual([]);
  expect(seen.texts(discovery)).toEqual([]);
  await sink.stop();
  expect(await forget(broker.url, { deviceName: 'hall' })).toMatchObject({ deviceIds: ['0123456789ab'], renamed: [] });
});

test('the device of this machine keeps its entities, also while it does not run under its new name', async () => {
  const broker = await mosquitto();
  await visit(broker.url);
  const own = { name: 'hall', id: '0123456789ab' };
  expect(await forget(broker.url, { own })).toMatchObject({ deviceIds: [], renamed: [own] });
});

test('a broker that lets nobody read is refused: the device may be online', async () => {
  const broker = await Aedes.createBroker({ authorizeSubscribe: (_client, _subscription, done) => done(null, null) });
  const server = createServer(broker.handle).listen(0, '127.0.0.1');
  await once(server, 'listening');
  afterTest(() => {
    server.close();
    broker.close();
  });
  const url = `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await expect(forget(url)).rejects.toMatchObject({
    message: expect.stringMatching(/^The broker refused the subscription to mien\/dev\/# \(.+\)$/),
    remedy: 'Allow the user to read there; or add --force if the device is not online',
  });
  expect(await forget(url, { force: true })).toEqual({ topics: [], deviceIds: [], renamed: [] });
});

test('a broker that cannot be reached, and one that refuses, are one line with a remedy', async () => {
  await expect(forget('mqtt://127.0.0.1:1')).rejects.toMatchObject({
    message: expect.stringMatching(/^No broker answers at mqtt:\/\/127\.0\.0\.1:1 \(connection refused\)\. Start /),
    remedy: 'Then run this command again',
  });
  const broker = await mosquitto({ users: { kiosk: 'right' }, acl: ['user kiosk', 'topic read #'] });
  await expect(forget(broker.url, { config: { username: 'kiosk', password: 'right' } })).rejects.toMatchObject({
    message: expect.stringMatching(/^The broker refused a message to mien\/dev\/availability \(.*ot authorized/),
    remedy: expect.stringMatching(/^Allow the user to publish there/),
  });
});
