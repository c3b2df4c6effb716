import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { endVisit, memoryOutbox, mqttSinks, until } from '../../lab/fixtures/mqtt-sink.ts';
import { startLocalBroker } from './broker.ts';

const { mosquitto, observer, startSink, cable, afterTest } = mqttSinks();

test('a wrong password is reported without the password', async () => {
  const broker = await mosquitto({ users: { kiosk: 'right' } });
  const config = { username: 'kiosk', password: 'wr0ng' };
  const { board, lines } = await startSink({ url: broker.url, config });
  await until(() => expect(board.current.mqtt.state).toBe('offline'));
  expect(board.current.mqtt.reason).toMatch(
    /refused the user kiosk: not authorized\. Check mqtt\.username and mqtt\.password \(MIEN_MQTT_PASSWORD\)/,
  );
  expect(lines.join()).not.toContain('wr0ng');
  expect(lines.filter((line) => line.includes('refused the user'))).toHaveLength(1);
});

test.each([
  ['the configuration', 'mqtt://', { username: 'kiosk', password: 'r:i%ght' }],
  ['the URL, encoded', 'mqtt://kiosk:r%3Ai%25ght@', {}],
  ['the URL, not encoded', 'mqtt://kiosk:r:i%ght@', {}],
  ['the configuration rather than the URL', 'mqtt://other:one@', { username: 'kiosk', password: 'r:i%ght' }],
])('credentials from %s are used and masked', async (_name, prefix, config) => {
  const broker = await mosquitto({ users: { kiosk: 'r:i%ght' } });
  const { board, lines } = await startSink({ url: `${prefix}127.0.0.1:${broker.port}`, config });
  await until(() => expect(board.current.mqtt.state).toBe('connected'));
  expect(JSON.stringify(board.current) + lines.join()).not.toMatch(/ght|one@/);
});

test('a state that the broker refused is sent again with the next figures, because it may be allowed by then', async () => {
  const acl = ['user kiosk', 'topic write mien/dev/availability', 'topic read mien/dev/#'];
  const broker = await mosquitto({ users: { kiosk: 'right' }, acl });
  const watching = await observer(`mqtt://kiosk:right@127.0.0.1:${broker.port}`, 'mien/dev/#');
  const { board } = await startSink({ url: broker.url, config: { username: 'kiosk', password: 'right' } });
  board.update('vision', { fps: 30 });
  await until(() => expect(board.current.mqtt.reason).toMatch(/mien\/dev\/[a-z/]+ .*ot authorized/));
  // The refusal changes the state, and this message is refused too.
  await sleep(2500);
  expect(watching.json('mien/dev/state')).toEqual([]);
  broker.allow([...acl, 'topic write mien/dev/state']);
  await until(() => {
    board.update('vision', { fps: board.current.vision.fps === 30 ? 30.1 : 30 });
    expect(watching.json('mien/dev/state').length).toBeGreaterThan(0);
  });
});

test('a topic that the broker does not allow is reported, and its visits wait', async () => {
  const broker = await mosquitto({
    users: { kiosk: 'right' },
    acl: [
      'user kiosk',
      'topic write mien/dev/availability',
      'topic write mien/dev/state',
      'topic write mien/dev/camera/state',
    ],
  });
  const outbox = memoryOutbox();
  const { sink, board } = await startSink({
    url: broker.url,
    outbox,
    config: { username: 'kiosk', password: 'right' },
  });
  await until(() => expect(board.current.mqtt.state).toBe('connected'));
  endVisit([outbox, sink], 1);
  await until(() =>
    expect(board.current.mqtt.reason).toMatch(/^The broker refused a message to mien\/dev\/visit .*ot authorized/),
  );
  expect(board.current.mqtt.state).toBe('connected');
  expect(outbox.records).toHaveLength(1);
});

test('a silent broker does not delay the stop; its will reports offline', async () => {
  const broker = await mosquitto();
  const wire = await cable(broker.port);
  const watching = await observer(broker.url, 'mien/dev/availability');
  const { sink, board } = await startSink({ url: wire.url });
  await until(() => expect(board.current.mqtt.state).toBe('connected'));
  wire.deafen();
  await sink.stop();
  await until(() => expect(watching.texts('mien/dev/availability').at(-1)).toBe('offline'));
});

test('two devices with one name: the disconnected one reports the likely cause', async () => {
  const broker = await mosquitto();
  const first = await startSink({ url: broker.url, change: { reconnectMs: [60_000] } });
  await until(() => expect(first.board.current.mqtt.state).toBe('connected'));
  await startSink({ url: broker.url });
  await until(() => expect(first.board.current.mqtt.state).toBe('offline'));
  expect(first.board.current.mqtt.reason).toMatch(/closed the connection\. .* the client id mien-dev \(device\.name\)/);
});

test('two devices with one name do not fill the log', async () => {
  const broker = await mosquitto();
  const devices = [await startSink({ url: broker.url }), await startSink({ url: broker.url })];
  await sleep(2000);
  for (const { lines } of devices) {
    const texts = lines.map((line) => (JSON.parse(line) as { msg: string }).msg);
    expect(texts.join()).toMatch(/connected to the broker,.*closed the connection/);
    expect(texts).toHaveLength(new Set(texts).size);
  }
});

test('the reason that a broker gives for ending the connection is reported', async () => {
  // Mosquitto 2.0 gives no reason for a takeover; later versions and other brokers do. CONNACK, then DISCONNECT 0x8E.
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.end(Buffer.from('2003000000e0018e', 'hex')));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  afterTest(() => server.close());
  const { board } = await startSink({ url: `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}` });
  await until(() => expect(board.current.mqtt.reason).toMatch(/^Another client took over the client id mien-dev/));
});

test('a broker that only supports MQTT 3.1.1 gets 3.1.1', async () => {
  const broker = await startLocalBroker({ host: '127.0.0.1', port: 0, log: pino({ level: 'silent' }) });
  afterTest(() => broker.stop());
  const outbox = memoryOutbox();
  const { sink, board, lines } = await startSink({ url: broker.url, outbox });
  await until(() => expect(board.current.mqtt.state).toBe('connected'));
  endVisit([outbox, sink], 1);
  await until(() => expect(outbox.records).toEqual([]));
  expect(lines.join()).not.toContain('refused');
});

test('a port that is not MQTT is reported, and retries follow', async () => {
  let calls = 0;
  const server = createServer((socket) => {
    calls += 1;
    socket.on('error', () => {});
    socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  afterTest(() => server.close());
  const { board } = await startSink({ url: `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}` });
  await until(() => expect(calls).toBeGreaterThan(5));
  expect(board.current.mqtt.state).toBe('offline');
  expect(board.current.mqtt.reason).toMatch(/Start the broker, or set mqtt\.url/);
});
