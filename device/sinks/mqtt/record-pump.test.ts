import { expect, test } from 'vitest';
import { freePort } from '../../lab/fixtures/mosquitto.ts';
import { endVisit, mqttSinks, START, until } from '../../lab/fixtures/mqtt-sink.ts';
import { waitingVisits } from '../../lab/fixtures/store.ts';

const { mosquitto, observer, startSink, startStore, dataFile, cable } = mqttSinks();

test('a visit is published once, acknowledged, and leaves the outbox', async () => {
  const broker = await mosquitto();
  const watching = await observer(broker.url, 'mien/dev/visit');
  const store = await startStore(dataFile(), 'boot');
  const { sink, board } = await startSink({ url: broker.url, outbox: store });
  await until(() => expect(board.current.mqtt.state).toBe('connected'));
  // The order of the sinks does not matter.
  endVisit([sink, store], 1);
  await until(() => expect(watching.messages).toHaveLength(1));
  expect(watching.messages[0]).toMatchObject({ qos: 1, retain: false });
  expect(watching.json('mien/dev/visit')[0]).toEqual({
    schema: 4,
    device: 'dev',
    ts: START + 2000,
    boot_id: 'boot',
    seq: 1,
    historical: false,
    id: 'boot-1',
    track: 1,
    started_at: START,
    ended_at: START + 2000,
    dwell_ms: 2000,
    dominant: 'happy',
    shares: { angry: 0.25, happy: 0.75 },
    reasons: {},
    happy_share: 0.75,
    strongest: { label: 'happy', probability: 0.98, ts: START + 500 },
    confidence: 0.8,
    frames: 60,
  });
  await until(() => expect(waitingVisits(store, 10)).toEqual([]));
});

test('after an outage of the broker each visit is published once, in order, as historical', async () => {
  const first = await mosquitto();
  const wire = await cable(first.port);
  const store = await startStore(dataFile(), 'boot');
  const { sink, board } = await startSink({ url: wire.url, outbox: store });
  await until(() => expect(board.current.mqtt.state).toBe('connected'));
  endVisit([store, sink], 1);
  await until(() => expect(waitingVisits(store, 10)).toEqual([]));

  wire.unplug();
  await first.stop();
  await until(() => expect(board.current.mqtt.reason).toMatch(/No broker answers at .* Start the broker/));
  expect(board.current.mqtt.state).toBe('offline');
  for (let seq = 2; seq <= 60; seq += 1) endVisit([store, sink], seq);

  const again = await mosquitto({ port: first.port });
  // The receiver reconnects before the device.
  const watching = await observer(again.url, 'mien/dev/visit');
  await wire.plug();
  await until(() => expect(board.current.mqtt.state).toBe('connected'));
  await until(() => expect(waitingVisits(store, 100)).toEqual([]));
  endVisit([store, sink], 61);
  await until(() => expect(watching.messages).toHaveLength(60));
  const published = watching.json('mien/dev/visit').map(({ id, seq, historical }) => ({ id, seq, historical }));
  expect(published).toEqual(
    Array.from({ length: 60 }, (_, index) => ({ id: `boot-${index + 2}`, seq: index + 2, historical: index < 59 })),
  );
  await until(() => expect(waitingVisits(store, 100)).toEqual([]));
});

test('a visit without acknowledgement stays in the outbox and is sent again with the same number', async () => {
  const broker = await mosquitto();
  const wire = await cable(broker.port);
  const watching = await observer(broker.url, 'mien/dev/visit');
  const store = await startStore(dataFile(), 'boot');
  const { sink, board } = await startSink({ url: wire.url, outbox: store });
  await until(() => expect(board.current.mqtt.state).toBe('connected'));
  wire.deafen();
  endVisit([store, sink], 1);
  await until(() => expect(watching.messages).toHaveLength(1));
  expect(waitingVisits(store, 10)).toHaveLength(1);
  wire.cut();
  await until(() => expect(waitingVisits(store, 10)).toEqual([]));
  await until(() => expect(watching.messages).toHaveLength(2));
  const published = watching.json('mien/dev/visit').map(({ id, seq, historical }) => ({ id, seq, historical }));
  expect(published).toEqual([
    { id: 'boot-1', seq: 1, historical: false },
    { id: 'boot-1', seq: 1, historical: true },
  ]);
});

test('unpublished visits survive a restart of the device', async () => {
  const port = await freePort();
  const file = dataFile();
  const before = await startStore(file, 'boot');
  const offline = await startSink({ url: `mqtt://127.0.0.1:${port}`, outbox: before });
  await until(() => expect(offline.board.current.mqtt.state).toBe('offline'));
  for (const seq of [1, 2, 3]) endVisit([before, offline.sink], seq);
  await offline.sink.stop();
  await before.stop();

  const broker = await mosquitto({ port });
  const watching = await observer(broker.url, 'mien/dev/visit');
  const after = await startStore(file, 'next');
  await startSink({ url: broker.url, outbox: after, change: { bootId: 'next' } });
  await until(() => expect(waitingVisits(after, 10)).toEqual([]));
  await until(() => expect(watching.messages).toHaveLength(3));
  const published = watching
    .json('mien/dev/visit')
    .map(({ id, boot_id, seq, historical }) => [id, boot_id, seq, historical]);
  expect(published).toEqual([
    ['boot-1', 'boot', 1, true],
    ['boot-2', 'boot', 2, true],
    ['boot-3', 'boot', 3, true],
  ]);
});

test('visits that end at shutdown are published before offline', async () => {
  const broker = await mosquitto();
  const watching = await observer(broker.url, 'mien/dev/#');
  const store = await startStore(dataFile(), 'boot');
  const { sink, board } = await startSink({ url: broker.url, outbox: store });
  await until(() => expect(board.current.mqtt.state).toBe('connected'));
  for (let seq = 1; seq <= 30; seq += 1) endVisit([store, sink], seq);
  await sink.stop();
  expect(waitingVisits(store, 100)).toEqual([]);
  await until(() =>
    expect(watching.messages.at(-1)).toMatchObject({ topic: 'mien/dev/availability', text: 'offline' }),
  );
  expect(watching.texts('mien/dev/visit')).toHaveLength(30);
});
