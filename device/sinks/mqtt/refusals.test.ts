import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { startFakeBroker } from '../../lab/fixtures/fake-broker.ts';
import { mqttSinks, until } from '../../lab/fixtures/mqtt-sink.ts';

const { mosquitto, observer, startSink, afterTest } = mqttSinks();

const users = { kiosk: 'right' };
const login = { username: 'kiosk', password: 'right' };
const discovery = 'homeassistant/device/mien_0123456789ab/config';

test('a broker that refuses everything makes one line per topic, and no loop of states', async () => {
  const broker = await mosquitto({ users, acl: ['user kiosk', 'topic read mien/dev/#'] });
  const { board, lines } = await startSink({ url: broker.url, config: login });
  await until(() => expect(board.current.mqtt.code).toBe('broker-refused'));
  await sleep(1500);
  let changes = 0;
  board.subscribe(() => {
    changes += 1;
  });
  await sleep(3000);
  expect(changes).toBe(0);
  const refused = lines.flatMap((line) => /refused a message to (\S+)/.exec(line)?.[1] ?? []);
  expect(refused).toHaveLength(new Set(refused).size);
  expect(refused).toContain('mien/dev/state');
});

test('what was refused is sent again, also without a change', async () => {
  const broker = await mosquitto({ users, acl: ['user kiosk', 'topic read #'] });
  const watching = await observer(`mqtt://kiosk:right@127.0.0.1:${broker.port}`, '#');
  const { board } = await startSink({ url: broker.url, config: login, change: { retryMs: 100 } });
  await until(() => expect(board.current.mqtt.code).toBe('broker-refused'));
  broker.allow(['user kiosk', 'topic readwrite #']);
  const topics = ['availability', 'state', 'camera/state', 'privacy', 'visits'].map((topic) => `mien/dev/${topic}`);
  for (const topic of [...topics, discovery]) await until(() => expect(watching.texts(topic)).toHaveLength(1));
});

test('a topic that stays refused is shown until it is accepted', async () => {
  const acl = ['user kiosk', 'topic readwrite mien/dev/#'];
  const broker = await mosquitto({ users, acl });
  const { board } = await startSink({ url: broker.url, config: login, change: { retryMs: 100 } });
  await until(() => expect(board.current.mqtt.reason).toMatch(new RegExp(`refused a message to ${discovery} `)));
  await sleep(1500);
  expect(board.current.mqtt).toMatchObject({ state: 'connected', code: 'broker-refused' });
  broker.allow(['user kiosk', 'topic readwrite #']);
  await until(() => expect(board.current.mqtt).toEqual({ state: 'connected', url: broker.url }));
});

test('a refused subscription is shown with its remedy until it is granted', async () => {
  const refusedFilters = new Set(['mien/dev/set/#', 'homeassistant/status']);
  const broker = await startFakeBroker({ refusedFilters });
  afterTest(() => broker.stop());
  const { board, lines } = await startSink({ url: broker.url, change: { retryMs: 100 } });
  await until(() => expect(board.current.mqtt.code).toBe('broker-refused'));
  expect(board.current.mqtt).toMatchObject({
    state: 'connected',
    reason:
      'The broker refused a subscription to mien/dev/set/# (Subscribe error: Not authorized). Allow the user to read mien/dev/set/#.',
  });
  refusedFilters.delete('mien/dev/set/#');
  await until(() =>
    expect(board.current.mqtt.reason).toMatch(
      /subscription to homeassistant\/status .*Allow the user to read homeassistant\/status, or set mqtt\.homeAssistant\.enabled to false\.$/,
    ),
  );
  refusedFilters.clear();
  await until(() => expect(board.current.mqtt).toEqual({ state: 'connected', url: broker.url }));
  expect(lines.filter((line) => line.includes('refused a subscription'))).toHaveLength(2);
  // A filter that was granted is not subscribed to again: the broker would send its retained messages again.
  expect(broker.seen.filters.filter((filter) => filter === 'mien/dev/request/#')).toHaveLength(1);
});
