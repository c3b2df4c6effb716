import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { configSchema } from '../../config/schema.ts';
import { mqttSinks, until } from '../../lab/fixtures/mqtt-sink.ts';
import { forgetDevice } from './forget.ts';

const { mosquitto, observer, startSink } = mqttSinks();
const discovery = 'homeassistant/device/mien_0123456789ab/config';

function forget(url: string, change: { deviceId?: string; deviceName?: string; config?: object } = {}) {
  const { config, deviceName = 'dev', deviceId } = change;
  const parsed = configSchema.parse({ mqtt: { url, ...config } }).mqtt;
  return forgetDevice({ config: parsed, deviceName, version: '1.2.3', ...(deviceId && { deviceId }) });
}

/** Starts a device and stops it, so that the broker keeps its messages. */
async function visit(url: string): Promise<void> {
  const { sink, board } = await startSink({ url });
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
  expect(await forget(broker.url, { deviceName: 'de' })).toEqual({ topics: [], deviceIds: [] });
  const left = await observer(broker.url, 'mien/dev/#');
  await until(() => expect(left.texts('mien/dev/availability')).toEqual(['offline']));
});

test('without a retained state the id of this device is used', async () => {
  const broker = await mosquitto();
  expect((await forget(broker.url, { deviceId: 'aaaaaaaaaaaa' })).deviceIds).toEqual(['aaaaaaaaaaaa']);
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
