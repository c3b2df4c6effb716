import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { face, mqttSinks, reading, START, until } from '../../lab/fixtures/mqtt-sink.ts';
import { retainedTopics } from './mqtt.ts';

const { mosquitto, observer, startSink, cable } = mqttSinks();

test('availability is online after the connect and offline at the end, both retained', async () => {
  const broker = await mosquitto();
  const { sink, board } = await startSink({ url: broker.url });
  await until(() => expect(board.current.mqtt).toEqual({ state: 'connected', url: broker.url }));
  const watching = await observer(broker.url, 'mien/dev/#');
  await until(() =>
    expect(
      watching.messages
        .filter(({ retain }) => retain)
        .map(({ topic }) => topic)
        .sort(),
    ).toEqual(retainedTopics.map((topic) => `mien/dev/${topic}`).sort()),
  );
  expect(watching.texts('mien/dev/availability')).toEqual(['online']);
  await sink.stop();
  await until(() => expect(watching.texts('mien/dev/availability')).toEqual(['online', 'offline']));
  expect(watching.messages.at(-1)!.topic).toBe('mien/dev/availability');
  const late = await observer(broker.url, 'mien/dev/#');
  await until(() => expect(late.messages).toHaveLength(retainedTopics.length));
  expect(late.messages).toContainEqual({ topic: 'mien/dev/availability', text: 'offline', retain: true, qos: 1 });
  const camera = { state: 'stopped', source: 'rtsp://***@10.0.0.2/***' };
  expect(late.json('mien/dev/camera/state')).toMatchObject([camera]);
  const stopped = { state: 'stopped' };
  expect(late.json('mien/dev/state')).toMatchObject([{ camera, vision: stopped, store: stopped, mqtt: stopped }]);
});

test('the will reports a vanished device as offline, and the next connect as online', async () => {
  const broker = await mosquitto();
  const wire = await cable(broker.port);
  const watching = await observer(broker.url, 'mien/dev/availability');
  await startSink({ url: wire.url });
  await until(() => expect(watching.texts('mien/dev/availability')).toEqual(['online']));
  wire.cut();
  await until(() => expect(watching.texts('mien/dev/availability')).toEqual(['online', 'offline', 'online']));
});

test('the state is retained, in snake_case, without credentials, and sent again at each change', async () => {
  const broker = await mosquitto();
  const watching = await observer(broker.url, 'mien/dev/#');
  const { board } = await startSink({ url: broker.url });
  await until(() => expect(watching.json('mien/dev/state')).toHaveLength(1));
  expect(watching.json('mien/dev/camera/state')[0]).toMatchObject({
    schema: 4,
    boot_id: 'boot',
    seq: 1,
    state: 'starting',
    source: 'rtsp://***@10.0.0.2/***',
  });
  board.update('camera', { state: 'online', width: 640, height: 480, fps: 30 });
  board.update('vision', { state: 'running', droppedFps: 1.23456, labels: ['angry', 'happy'] });
  await until(() => expect(watching.json('mien/dev/state')).toHaveLength(2));
  expect(watching.json('mien/dev/state')[1]).toMatchObject({
    schema: 4,
    seq: 2,
    version: '1.2.3',
    camera: { state: 'online', fps: 30 },
    vision: { state: 'running', labels: ['angry', 'happy'] },
    mqtt: { state: 'connected' },
  });
  expect(watching.json('mien/dev/camera/state').map(({ state }) => state)).toEqual(['starting', 'online']);
  expect(watching.json('mien/dev/health')[0]).toMatchObject({ schema: 4, seq: 1, status: 'ok', uptime_s: 5 });
  board.update('vision', { restarts: 1 });
  await until(() => expect(watching.json('mien/dev/state')).toHaveLength(3));
  expect(watching.json('mien/dev/camera/state')).toHaveLength(2);
  expect(watching.messages.map(({ text }) => text).join()).not.toContain('s3cret');
});

test('figures are sent when they become known, and a change of them alone sends no message; after a reconnect everything is sent again', async () => {
  const broker = await mosquitto();
  const wire = await cable(broker.port);
  const watching = await observer(broker.url, 'mien/dev/#');
  const { board } = await startSink({ url: wire.url });
  await until(() => expect(watching.json('mien/dev/state')).toHaveLength(1));
  for (const fps of [30, 12, 25]) {
    board.update('vision', { fps, latencyMs: 100 / fps, memoryMb: 10 * fps });
    await sleep(400);
  }
  board.update('vision', { restarts: 1 });
  await until(() => expect(watching.json('mien/dev/state').at(-1)).toMatchObject({ vision: { restarts: 1 } }));
  expect(watching.json('mien/dev/state')).toHaveLength(2);
  // The second one is that of the first figures.
  expect(watching.json('mien/dev/health').map(({ fps }) => fps)).toEqual([undefined, expect.any(Number)]);
  wire.cut();
  await until(() => expect(watching.json('mien/dev/state')).toHaveLength(3));
  await until(() => expect(watching.json('mien/dev/health')).toHaveLength(3));
  expect(watching.json('mien/dev/health')[2]).toMatchObject({ fps: 25 });
});

test('readings are sent at most every readingMs, only with faces, and once without after the last face left', async () => {
  const broker = await mosquitto();
  const watching = await observer(broker.url, 'mien/dev/#');
  const { sink, board } = await startSink({ url: broker.url, config: { readingMs: 500 } });
  await until(() => expect(board.current.mqtt.state).toBe('connected'));
  for (let at = 0; at < 1000; at += 50) sink.onReading?.(reading(at));
  for (let at = 1000; at <= 2200; at += 50) sink.onReading?.(reading(at, face));
  for (let at = 2250; at < 5000; at += 50) sink.onReading?.(reading(at));
  await until(() => expect(watching.json('mien/dev/reading')).toHaveLength(4));
  const readings = watching.json('mien/dev/reading');
  expect(readings.map(({ frame }) => frame)).toEqual([1000, 1500, 2000, 2500]);
  expect(readings[0]).toEqual({
    schema: 4,
    device: 'dev',
    ts: START + 1000,
    boot_id: 'boot',
    seq: 1,
    historical: false,
    frame: 1000,
    width: 640,
    height: 480,
    faces: [
      {
        track: 1,
        box: { x: 10, y: 21, width: 64, height: 80 },
        score: 0.9123,
        label: 'happy',
        probability: 0.9,
        probabilities: { angry: 0.1, happy: 0.9 },
      },
    ],
    happy_share: 1,
  });
  expect(readings[3]).toMatchObject({ seq: 4, faces: [], happy_share: null });
  // No further message was in flight: this one comes right after the others.
  sink.onReading?.(reading(9000, face));
  await until(() => expect(watching.json('mien/dev/reading').at(-1)).toMatchObject({ frame: 9000, seq: 5 }));
  expect(
    watching.messages
      .filter(({ topic }) => topic === 'mien/dev/reading')
      .every(({ qos, retain }) => qos === 0 && !retain),
  ).toBe(true);
});

test('with mqtt.enabled off it does not connect', async () => {
  const { board, sink } = await startSink({ url: 'mqtt://127.0.0.1:1', config: { enabled: false } });
  expect(board.current.mqtt).toEqual({ state: 'disabled' });
  sink.onReading?.(reading(0, face));
  await sink.stop();
});
