/** Commands through a real Mosquitto. */
import { connectAsync, type IClientPublishOptions, type MqttClient } from 'mqtt';
import { expect, test } from 'vitest';
import { recordingControl } from '../../../lab/fixtures/commands.ts';
import { numberedFrame } from '../../../lab/fixtures/http-fixture.ts';
import { commandedDevice, mqttSinks, until } from '../../../lab/fixtures/mqtt-sink.ts';

const { mosquitto, observer, startSink, afterTest } = mqttSinks();

async function setUp(config: Record<string, unknown> = {}) {
  const broker = await mosquitto();
  const seen = await observer(broker.url, 'mien/dev/#');
  const { control, calls, refusals } = recordingControl();
  const live = {
    subscribe: (_kind: string, listen: (frame: ReturnType<typeof numberedFrame>) => void) => {
      setTimeout(() => listen(numberedFrame(7, 200_000)), 10);
      return () => undefined;
    },
  };
  const start = async () => {
    const started = await startSink({
      url: broker.url,
      config,
      change: { device: () => commandedDevice({ control, live }) },
    });
    started.board.update('camera', { state: 'online' });
    return started;
  };
  const sink = await start();
  const online = (times: number) =>
    until(() => expect(seen.texts('mien/dev/availability').filter((text) => text === 'online')).toHaveLength(times));
  await online(1);
  const client = await connected(broker.url, 5);
  const responses = (name: string) => seen.json(`mien/dev/response/${name}`);
  return { broker, seen, calls, refusals, ...sink, start, online, client, responses };
}

async function connected(url: string, protocolVersion: 4 | 5): Promise<MqttClient> {
  const client = await connectAsync(url, { protocolVersion, reconnectPeriod: 0 });
  afterTest(() => client.endAsync(true));
  return client;
}

const send = (client: MqttClient, topic: string, payload: string, options: IClientPublishOptions = {}) =>
  client.publishAsync(`mien/dev/${topic}`, payload, { qos: 1, ...options });

test('a request is carried out and answered on response/<name>, numbered per topic and not retained', async () => {
  const { client, calls, responses, seen } = await setUp();
  await send(client, 'request/pause', '{"transaction":"t-1"}');
  await send(client, 'set/paused', 'OFF');
  await send(client, 'request/ping', '{"transaction":"t-3"}');
  await until(() => expect(responses('ping')).toHaveLength(1));
  expect(calls).toEqual(['pause by mqtt', 'resume by mqtt']);
  const head = { schema: 4, device: 'dev', boot_id: 'boot', historical: false };
  expect(responses('pause')).toMatchObject([
    { ...head, seq: 1, transaction: 't-1', command: 'request/pause', status: 'ok', data: { paused: true } },
  ]);
  expect(responses('paused')).toMatchObject([
    { ...head, seq: 1, command: 'set/paused', status: 'ok', data: { paused: false } },
  ]);
  expect(responses('ping')).toMatchObject([{ ...head, seq: 1, transaction: 't-3', data: { version: '1.2.3' } }]);
  expect(
    seen.messages.filter(({ topic }) => topic.includes('/response/')).every(({ retain, qos }) => !retain && qos === 1),
  ).toBe(true);
});

test('commands sent while the device is away, and retained ones, do nothing', async () => {
  const { client, calls, refusals, responses, sink, start, online } = await setUp();
  await sink.stop();
  await send(client, 'request/pause', '{"transaction":"away"}');
  await send(client, 'request/restart-vision', '{"transaction":"kept"}', { retain: true });
  await start();
  await online(2);
  await until(() => expect(responses('restart-vision')).toHaveLength(1));
  const error = expect.stringMatching(/^A retained command is not carried out/);
  expect(responses('restart-vision')).toMatchObject([{ transaction: 'kept', status: 'error', error }]);
  expect(refusals).toEqual([{ request: 'request/restart-vision', reason: error, unaudited: 0 }]);
  await send(client, 'request/ping', '{}');
  await until(() => expect(responses('ping')).toHaveLength(1));
  expect(responses('pause')).toEqual([]);
  expect(calls).toEqual([]);
});

test('a command with the retain flag is refused when it is sent, too; an empty message deletes it without an answer', async () => {
  const { client, calls, responses } = await setUp();
  await send(client, 'request/pause', '{}', { retain: true });
  await send(client, 'request/pause', '', { retain: true });
  await send(client, 'request/ping', '{}');
  await until(() => expect(responses('ping')).toHaveLength(1));
  expect(responses('pause')).toMatchObject([{ status: 'error' }]);
  expect(calls).toEqual([]);
});

test('an expired message of MQTT 5 does nothing, a fresh one is carried out', async () => {
  const { client, calls, responses } = await setUp();
  await send(client, 'request/pause', '{}', { properties: { messageExpiryInterval: 30 } });
  await until(() => expect(responses('pause')).toMatchObject([{ status: 'ok' }]));
  await send(client, 'request/resume', JSON.stringify({ sent_at: Date.now() - 120_000 }));
  await until(() => expect(responses('resume')).toMatchObject([{ status: 'error' }]));
  expect(calls).toEqual(['pause by mqtt']);
});

test('commands of an MQTT 3.1.1 client are carried out; one that it deletes with an empty message is refused', async () => {
  const { broker, calls, responses } = await setUp();
  const old = await connected(broker.url, 4);
  await send(old, 'set/rate', '12');
  await send(old, 'request/pause', '');
  await until(() => expect(responses('pause')).toMatchObject([{ status: 'error' }]));
  expect(calls).toEqual(['limit 12 by mqtt']);
});

test('a flood of 1,000 commands: 20 are carried out, and a command works 2 s later', async () => {
  const { client, calls, responses } = await setUp();
  await Promise.all(Array.from({ length: 1000 }, () => send(client, 'request/resume', '{}')));
  const refusals = () => responses('resume').filter(({ status }) => status === 'error');
  await until(() => expect(refusals().length).toBeGreaterThan(0));
  expect(refusals()[0]!.error).toMatch(/^Too many commands: at most 20 at once and 5 per second are accepted/);
  await new Promise((resolve) => setTimeout(resolve, 2000));
  // Another 5 per second are accepted while the flood lasts.
  expect(calls.length).toBeGreaterThanOrEqual(20);
  expect(calls.length).toBeLessThan(100);
  expect(refusals().length).toBeLessThan(20);
  await send(client, 'request/ping', '{}');
  await until(() => expect(responses('ping')).toMatchObject([{ status: 'ok' }]));
});

test('a packet above 64 KiB never reaches the device, one above 4 KiB is refused', async () => {
  const { client, responses } = await setUp();
  await send(client, 'request/ping', 'x'.repeat(100_000));
  await send(client, 'request/ping', 'x'.repeat(5000));
  await until(() => expect(responses('ping')).toHaveLength(1));
  expect(responses('ping')).toMatchObject([
    { error: expect.stringMatching(/^Expected a payload of at most 4096 bytes, got 5000/) },
  ]);
});

test('a snapshot is sent only where mqtt.snapshots allows it', async () => {
  const { client, responses } = await setUp();
  await send(client, 'request/snapshot', '{}');
  await until(() =>
    expect(responses('snapshot')).toMatchObject([
      { status: 'error', error: 'This device sends no pictures over MQTT. Set mqtt.snapshots: true' },
    ]),
  );
  const other = await setUp({ snapshots: true });
  await send(other.client, 'request/snapshot', '{"transaction":"cheese"}');
  await until(() => expect(other.responses('snapshot')).toHaveLength(1));
  const [{ transaction, data }] = other.responses('snapshot') as [
    { transaction: string; data: { jpeg: string; frame: number } },
  ];
  expect(transaction).toBe('cheese');
  expect(Buffer.from(data.jpeg, 'base64').equals(Buffer.from(numberedFrame(7, 200_000).jpeg))).toBe(true);
});

test('without mqtt.commands the device subscribes to nothing', async () => {
  const { client, calls, responses, seen } = await setUp({ commands: false });
  await send(client, 'request/ping', '{}');
  await send(client, 'request/pause', '{}');
  await until(() => expect(seen.texts('mien/dev/request/pause')).toHaveLength(1));
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect([...calls, ...responses('ping')]).toEqual([]);
});
