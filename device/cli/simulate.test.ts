import { afterEach, expect, test } from 'vitest';
import { type MqttTopic, mqttMessages } from '../contract/mqtt/topics.ts';
import { exitCode } from '../core/errors.ts';
import { Mien } from '../lab/fixtures/mien.ts';
import { type Observer, observe, startMosquitto } from '../lab/fixtures/mosquitto.ts';
import type { Totals } from './simulate/tally.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function brokerWith(options: Parameters<typeof startMosquitto>[0] = {}, credentials = {}) {
  const broker = await startMosquitto(options);
  cleanups.push(() => broker.stop());
  const observer = await observe(broker.url, 'mien-sim/#', credentials);
  cleanups.push(() => observer.stop());
  return { url: broker.url, observer };
}

function simulate(url: string, ...more: string[]): Mien {
  const mien = new Mien(['simulate', '--broker', url, ...more]);
  cleanups.push(() => mien.stop('SIGKILL'));
  return mien;
}

interface Message {
  readonly device: string;
  readonly topic: string;
  readonly text: string;
}

function messagesOf({ messages }: Observer): Message[] {
  return messages.map(({ topic, text }) => {
    const [, device, ...rest] = topic.split('/');
    return { device: device!, topic: rest.join('/'), text };
  });
}

/** What arrived, against the published schemas: no key may be missing and none may be unknown. */
function expectValid(messages: readonly Message[]): void {
  for (const { device, topic, text } of messages) {
    const value = topic === 'availability' ? text : JSON.parse(text);
    expect(mqttMessages[topic as MqttTopic].schema.parse(value), topic).toEqual(value);
    if (topic !== 'availability') expect(value.device).toBe(device);
  }
}

const recordsIn = (messages: readonly Message[]) =>
  messages.filter(({ topic }) => topic === 'visit' || topic === 'minute').map(({ text }) => JSON.parse(text));

test('ten devices publish every topic as their contract says, and nothing is lost at the end', async () => {
  const { url, observer } = await brokerWith();
  const mien = simulate(url, '--devices', '10', '--rate', '20', '--for', '8', '--json');
  expect(await mien.exited).toBe(0);
  expect(mien.stderr).toMatch(/^mien: all data is invented; sim-00001 to sim-00010 publish below mien-sim\/ at mqtt:/);
  const messages = messagesOf(observer);
  expectValid(messages);
  const topics = Object.keys(mqttMessages).filter((topic) => topic !== 'response');
  const devices = new Set(messages.map(({ device }) => device));
  expect([...devices].sort().at(-1)).toBe('sim-00010');
  for (const device of devices) {
    const seen = new Set(messages.filter((each) => each.device === device).map(({ topic }) => topic));
    expect([...seen].sort(), device).toEqual([...topics].sort());
    expect(observer.texts(`mien-sim/${device}/availability`)).toEqual(['online', 'offline']);
  }
  const totals = JSON.parse(mien.stdout) as Totals;
  const records = recordsIn(messages);
  expect(new Set(records.map(({ id }) => id)).size).toBe(records.length);
  expect(totals).toMatchObject({ devices: 10, repeated: 0, waiting: 0, lost: 0 });
  expect(totals.visit + totals.minute).toBe(records.length);
  expect(totals.minute).toBeGreaterThanOrEqual(10);
  expect(totals.lag_ms.max).toBeLessThan(5000);
});

test('devices that had no time to start have nothing to send, and are not counted', async () => {
  const { url } = await brokerWith();
  const mien = simulate(url, '--devices', '400', '--for', '1', '--json');
  expect(await mien.exited).toBe(0);
  const { devices, minute, waiting } = JSON.parse(mien.stdout) as Totals;
  expect(devices).toBeLessThan(400);
  expect({ minute, waiting }).toEqual({ minute: devices, waiting: 0 });
});

test('devices are announced to Home Assistant only with --home-assistant', async () => {
  const broker = await startMosquitto();
  cleanups.push(() => broker.stop());
  const observer = await observe(broker.url, 'homeassistant/#');
  cleanups.push(() => observer.stop());
  expect(await simulate(broker.url, '--devices', '2', '--for', '1').exited).toBe(0);
  expect(observer.messages).toEqual([]);
  expect(await simulate(broker.url, '--devices', '2', '--for', '1', '--home-assistant').exited).toBe(0);
  const topics = observer.messages.map(({ topic }) => topic).sort();
  expect(topics).toEqual(['homeassistant/device/mien_sim-00001/config', 'homeassistant/device/mien_sim-00002/config']);
});

test('--duplicates repeats records as a device does: same id, boot, number and time, marked historical', async () => {
  const { url, observer } = await brokerWith();
  const mien = simulate(url, '--devices', '2', '--rate', '5', '--for', '5', '--duplicates', '1', '--json');
  expect(await mien.exited).toBe(0);
  const totals = JSON.parse(mien.stdout) as Totals;
  expect(totals.repeated).toBe(totals.visit + totals.minute);
  const records = recordsIn(messagesOf(observer));
  const ids = new Set(records.map(({ id }) => id));
  expect(ids.size).toBe(totals.repeated);
  for (const id of ids) {
    const [first, ...copies] = records.filter((record) => record.id === id);
    expect(copies).toEqual([{ ...first, historical: true }]);
  }
});

test('the template names the user of each device, {device} in the password too, and SIGINT publishes offline', async () => {
  const users = { 'u-sim-00007': 'p-sim-00007', 'u-sim-00008': 'p-sim-00008', watcher: 'w' };
  const { url, observer } = await brokerWith({ users }, { username: 'watcher', password: 'w' });
  const login = ['--user-template', 'u-{device}', '--set', 'mqtt.password=p-{device}'];
  const mien = simulate(url, '--devices', '2', '--first', '7', ...login);
  await expect.poll(() => observer.texts('mien-sim/sim-00008/availability'), { timeout: 15_000 }).toEqual(['online']);
  expect(await mien.stop('SIGINT')).toBe(0);
  for (const device of ['sim-00007', 'sim-00008']) {
    expect(observer.texts(`mien-sim/${device}/availability`)).toEqual(['online', 'offline']);
  }
  expect(mien.stdout).toMatch(/^2 devices for \d+ s: \d+ visits and [24] minutes acknowledged, 0 of them twice/);
});

test('records that no broker has acknowledged are reported, with the reason, and the exit code is 1', async () => {
  const mien = simulate('mqtt://127.0.0.1:1', '--devices', '2', '--for', '2');
  expect(await mien.exited).toBe(exitCode.failure);
  expect(mien.stderr).toMatch(/No broker answers at mqtt:\/\/127\.0\.0\.1:1 \(connection refused\)/);
  // Over the end of a minute, each device makes two records.
  expect(mien.stdout).toMatch(/^without acknowledgement: [24], dropped: 0$/m);
});

test.each([
  [[], /No broker is named for the invented data .*\. Name it, e\.g\. --broker mqtt:/],
  [['--broker', 'mqtt://127.0.0.1:1', '--devices', '0'], /Expected devices between number 1 and 99999, got 0 from/],
  [['--broker', 'mqtt://127.0.0.1:1', '--rate', '0'], /'0' is invalid\. Expected visits per second/],
  [['--broker', 'mqtt://127.0.0.1:1', '--duplicates', '2'], /'2' is invalid\. Expected a share from 0 to 1/],
])('refused: simulate %j', async (args, message) => {
  const mien = new Mien(['simulate', ...args]);
  expect(await mien.exited).toBe(exitCode.usage);
  expect(mien.stderr).toMatch(message);
});
