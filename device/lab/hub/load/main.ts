/**
 * A load of made-up records for `npm run test:hub -- --rate N`: faster than real devices. Each device has its own connection and login.
 * Prints one line of JSON: the records that the database must hold. The environment names the broker, see device/lab/hub/main.ts.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type MqttClient } from 'mqtt';
import { DeviceRecords, wrongMessages } from './records.ts';

const { HUB_URL, HUB_CA, HUB_PASSWORD, HUB_DEVICES, HUB_SECONDS, HUB_RATE } = process.env;
const names = (HUB_DEVICES ?? '').split(',');
const seconds = Number(HUB_SECONDS);
/** Messages a second of all devices together; by default a minute record of each device, and one visit. */
const rate = Number(HUB_RATE) || names.length / 60 + 1;
/** Share of the messages that are sent twice, as after a lost acknowledgement. */
const repeated = 0.05;

const ca = readFileSync(HUB_CA!);
const devices: { readonly records: DeviceRecords; readonly client: MqttClient }[] = [];
for (const name of names) {
  const client = connect(HUB_URL!, {
    ...{
      ca,
      username: name,
      password: HUB_PASSWORD,
      clientId: `mien-${name}`,
      protocolVersion: 5,
      reconnectPeriod: 1000,
    },
    will: { topic: `mien/${name}/availability`, payload: Buffer.from('offline'), qos: 1, retain: true },
  });
  // It reconnects by itself.
  client.on('error', () => {});
  devices.push({ records: new DeviceRecords(name), client });
  // A thousand handshakes at once would exceed the timeout of the broker.
  if (devices.length % 20 === 0) await sleep(20);
}
await Promise.all(
  devices.map(({ client }) => client.connected || new Promise((resolve) => client.once('connect', resolve))),
);
await Promise.all(
  devices.map(({ client, records }) =>
    client.publishAsync(`mien/${records.device}/availability`, 'online', { qos: 1, retain: true }),
  ),
);

const counts = { visit: 0, minute: 0, repeated: 0, rejected: 0, unparsed: 0 };
const perVisit = Math.max(2, Math.round(rate));
const pending = new Set<Promise<unknown>>();
const start = performance.now();
for (let n = 0; n < rate * seconds; n++) {
  const wait = start + (n * 1000) / rate - performance.now();
  if (wait > 1) await sleep(wait);
  const kind = n % perVisit === 0 ? 'visit' : 'minute';
  const { client, records } = devices[counts[kind] % devices.length]!;
  counts[kind]++;
  const payload = JSON.stringify(records[kind](Date.now()));
  send(client, `mien/${records.device}/${kind}`, payload);
  if (Math.random() < repeated) {
    counts.repeated++;
    send(client, `mien/${records.device}/${kind}`, payload);
  }
  if (n === Math.floor((rate * seconds) / 3)) sendWrong();
}
await Promise.all(pending);
await Promise.all(
  devices.map(({ client, records }) =>
    client.publishAsync(`mien/${records.device}/availability`, 'offline', { qos: 1, retain: true }),
  ),
);
console.log(JSON.stringify(counts));
await Promise.all(devices.map(({ client }) => client.endAsync()));

function send(client: MqttClient, topic: string, payload: string | Buffer): void {
  const sent = client.publishAsync(topic, payload, { qos: 1 }).finally(() => pending.delete(sent));
  pending.add(sent);
}

function sendWrong(): void {
  const { client, records } = devices.at(-1)!;
  for (const { kind, payload, ends } of wrongMessages(records.device, Date.now())) {
    if (ends === 'stored') counts[kind]++;
    else counts[ends]++;
    send(client, `mien/${records.device}/${kind}`, payload);
  }
}
