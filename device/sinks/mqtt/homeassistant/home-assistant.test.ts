import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { Aedes } from 'aedes';
import { connect } from 'mqtt';
import { afterEach, expect, test, vi } from 'vitest';
import { configSchema } from '../../../config/schema.ts';
import { StateBoard } from '../../../core/state.ts';
import { endVisit, memoryOutbox, mqttSinks, until } from '../../../lab/fixtures/mqtt-sink.ts';
import type { Discovery } from './discovery.ts';
import { HomeAssistant } from './home-assistant.ts';

const { mosquitto, observer, startSink, afterTest } = mqttSinks();
afterEach(() => void vi.restoreAllMocks());

const topic = 'homeassistant/device/mien_0123456789ab/config';

async function birth(url: string): Promise<void> {
  const client = connect(url);
  afterTest(() => client.endAsync(true));
  await client.publishAsync('homeassistant/status', 'online', { qos: 1 });
}

test('the device is announced at each connect, before its states, and not retained', async () => {
  const broker = await mosquitto();
  const watching = await observer(broker.url, '#');
  await startSink({ url: broker.url });
  await until(() => expect(watching.json('mien/dev/state').length).toBeGreaterThan(0));
  const topics = watching.messages.map((message) => message.topic);
  expect(topics.indexOf(topic)).toBeLessThan(topics.indexOf('mien/dev/state'));
  expect(topics.slice(0, 2)).toEqual(['mien/dev/availability', topic]);
  expect(watching.messages[1]).toMatchObject({ retain: false, qos: 1 });
  expect(watching.json(topic)[0]).toMatchObject({ device: { name: 'dev', sw_version: '1.2.3' } });
});

test('without commands the entities that send commands are removed', async () => {
  const broker = await mosquitto();
  const watching = await observer(broker.url, topic);
  await startSink({ url: broker.url, config: { commands: false } });
  await until(() => expect(watching.texts(topic)).toHaveLength(1));
  const { components } = watching.json(topic)[0] as unknown as Discovery;
  expect(components.paused).toEqual({ platform: 'switch' });
  expect(components.restart_vision).toEqual({ platform: 'button' });
  expect(components.people).toMatchObject({ state_topic: 'mien/dev/people' });
});

test('a started Home Assistant gets the device and all states again, within a second', async () => {
  const broker = await mosquitto();
  const { board } = await startSink({ url: broker.url });
  await until(() => expect(board.current.mqtt.state).toBe('connected'));
  const watching = await observer(broker.url, '#');
  await until(() => expect(watching.texts('mien/dev/visits')).toHaveLength(1));
  const sentAt = Date.now();
  await birth(broker.url);
  await until(() => expect(watching.texts('mien/dev/visits')).toHaveLength(2));
  expect(Date.now() - sentAt).toBeLessThan(2000);
  expect(watching.texts(topic)).toHaveLength(1);
  expect(watching.texts('mien/dev/availability')).toEqual(['online', 'online']);
  expect(watching.texts('mien/dev/camera/state')).toHaveLength(2);
});

test('another status, and births in a row, cause no more announcements', async () => {
  const broker = await mosquitto();
  const watching = await observer(broker.url, topic);
  await startSink({ url: broker.url });
  await until(() => expect(watching.texts(topic)).toHaveLength(1));
  const client = connect(broker.url);
  afterTest(() => client.endAsync(true));
  await client.publishAsync('homeassistant/status', 'offline', { qos: 1 });
  await new Promise((resolve) => setTimeout(resolve, 1200));
  expect(watching.texts(topic)).toHaveLength(1);
  vi.spyOn(Math, 'random').mockReturnValue(0.9);
  for (let count = 0; count < 3; count += 1) await birth(broker.url);
  await until(() => expect(watching.texts(topic)).toHaveLength(2));
  await new Promise((resolve) => setTimeout(resolve, 1200));
  expect(watching.texts(topic)).toHaveLength(2);
});

test('a flood of birth messages is answered once in 5 s, the last one too', async () => {
  vi.useFakeTimers();
  try {
    let answers = 0;
    const homeAssistant = new HomeAssistant({
      config: configSchema.parse({}).mqtt.homeAssistant,
      facts: { base: 'mien/dev', deviceId: '0123456789ab', deviceName: 'dev', version: '1.2.3', acceptsCommands: true },
      adminUrl: () => undefined,
      board: new StateBoard('demo'),
      clock: { now: () => Date.now(), mono: () => Date.now() },
      publish: () => undefined,
      onDue: () => {
        answers += 1;
        homeAssistant.announce();
      },
    });
    const message = { topic: 'homeassistant/status', payload: Buffer.from('online'), isRetained: false };
    for (let at = 0; at < 20_000; at += 10) {
      homeAssistant.onMessage(message);
      await vi.advanceTimersByTimeAsync(10);
    }
    expect(answers).toBe(4);
    await vi.advanceTimersByTimeAsync(5000);
    expect(answers).toBe(5);
  } finally {
    vi.useRealTimers();
  }
});

test('labels and a temperature that become known change the announcement, other changes do not', async () => {
  const broker = await mosquitto();
  const watching = await observer(broker.url, topic);
  const { board } = await startSink({ url: broker.url });
  await until(() => expect(watching.texts(topic)).toHaveLength(1));
  board.update('vision', { labels: ['angry', 'happy'], fps: 3 });
  await until(() => expect(watching.texts(topic)).toHaveLength(2));
  board.update('vision', { fps: 4, labels: undefined });
  board.update('governor', { state: 'full', fpsLimit: 30, temperatureC: 61 });
  await until(() => expect(watching.texts(topic)).toHaveLength(3));
  const sent = watching.json(topic) as unknown as Discovery[];
  expect(sent.map(({ components }) => Object.keys(components).includes('expression'))).toEqual([false, true, true]);
  expect(sent.map(({ components }) => Object.keys(components).includes('temperature'))).toEqual([false, false, true]);
});

test('visits are counted, and the dwell of the last one is retained', async () => {
  const broker = await mosquitto();
  const watching = await observer(broker.url, 'mien/dev/visits');
  const outbox = memoryOutbox();
  const { sink } = await startSink({ url: broker.url, outbox, change: { lastDwellMs: () => 700 } });
  await until(() => expect(watching.json('mien/dev/visits')).toMatchObject([{ visits: 0, dwell_ms: 700 }]));
  endVisit([outbox, sink], 1);
  await until(() => expect(watching.json('mien/dev/visits')[1]).toMatchObject({ visits: 1, dwell_ms: 2000 }));
  expect(watching.messages.every(({ retain }) => retain)).toBe(true);
});

test('mqtt.homeAssistant.enabled false: nothing is announced, and another prefix is used', async () => {
  const broker = await mosquitto();
  const watching = await observer(broker.url, '#');
  const off = await startSink({ url: broker.url, config: { homeAssistant: { enabled: false } } });
  await until(() => expect(off.board.current.mqtt.state).toBe('connected'));
  await birth(broker.url);
  await off.sink.stop();
  await startSink({ url: broker.url, config: { homeAssistant: { discoveryPrefix: 'ha/disco' } } });
  await until(() => expect(watching.texts('ha/disco/device/mien_0123456789ab/config')).toHaveLength(1));
  expect(watching.texts(topic)).toEqual([]);
});

test('a broker that does not allow the announcement is reported with both remedies', async () => {
  const acl = ['user kiosk', 'topic write mien/dev/#'];
  const broker = await mosquitto({ users: { kiosk: 'right' }, acl });
  const { board } = await startSink({ url: broker.url, config: { username: 'kiosk', password: 'right' } });
  await until(() =>
    expect(board.current.mqtt.reason).toMatch(
      /^The broker refused a message to homeassistant\/device\/mien_0123456789ab\/config .*ot authorized.*Allow the user to publish there, or set mqtt\.homeAssistant\.enabled to false\.$/,
    ),
  );
  expect(board.current.mqtt.state).toBe('connected');
});

test('a broker that refuses the subscription to the birth message is reported with the remedy', async () => {
  // Mosquitto grants every subscription and delivers nothing. Aedes refuses.
  const broker = await Aedes.createBroker({ authorizeSubscribe: (_client, _subscription, done) => done(null, null) });
  const server = createServer((socket) => void broker.handle(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  afterTest(async () => {
    server.close();
    await new Promise<void>((resolve) => broker.close(resolve));
  });
  const { lines } = await startSink({ url: `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}` });
  await until(() =>
    expect(lines.join()).toMatch(
      /The broker refused a subscription to homeassistant\/status \(.+\)\. Allow the user to read homeassistant\/status, or set mqtt\.homeAssistant\.enabled to false\./,
    ),
  );
});
