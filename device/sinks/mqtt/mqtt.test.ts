import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer, connect as dial, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { afterEach, expect, test, vi } from 'vitest';
import { configSchema } from '../../config/schema.ts';
import { systemClock } from '../../core/clock.ts';
import { happyShareOf, labelCounts } from '../../core/labels.ts';
import type { Sink } from '../../core/sink.ts';
import { StateBoard } from '../../core/state.ts';
import type { VisitOutbox } from '../../core/store.ts';
import type { Face, Reading, Visit } from '../../core/types.ts';
import { freePort, type Mosquitto, type Observer, observe, startMosquitto } from '../../lab/fixtures/mosquitto.ts';
import { createSqliteSink, type SqliteSink } from '../sqlite/sqlite.ts';
import { startLocalBroker } from './broker.ts';
import { createMqttSink, type MqttSinkDeps } from './mqtt.ts';

const START = 1_700_000_000_000;
const cleanups: (() => Promise<unknown> | unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const until = (check: () => void) => vi.waitFor(check, { timeout: 15_000, interval: 10 });

async function mosquitto(options?: Parameters<typeof startMosquitto>[0]): Promise<Mosquitto> {
  const broker = await startMosquitto(options);
  cleanups.push(() => broker.stop());
  return broker;
}

async function observer(...args: Parameters<typeof observe>): Promise<Observer> {
  const seen = await observe(...args);
  cleanups.push(() => seen.stop());
  return seen;
}

/** An outbox in memory, for the tests that are not about it. */
function memoryOutbox(): VisitOutbox & Required<Pick<Sink, 'onVisit'>> & { visits: Visit[] } {
  const visits: Visit[] = [];
  const listeners = new Set<(visit: Visit) => void>();
  return {
    visits,
    onVisit(ended) {
      visits.push(ended);
      for (const listener of listeners) listener(ended);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    unpublished: (limit) => visits.slice(0, limit),
    markPublished: (id) =>
      void visits.splice(
        visits.findIndex((each) => each.id === id),
        1,
      ),
  };
}

interface SinkSetUp {
  readonly url: string;
  readonly outbox?: VisitOutbox;
  readonly config?: Record<string, unknown>;
  readonly change?: Partial<MqttSinkDeps>;
}

async function startSink({ url, outbox = memoryOutbox(), config = {}, change = {} }: SinkSetUp) {
  const board = new StateBoard('rtsp://cam:s3cret@10.0.0.2/live');
  const lines: string[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => lines.push(line) });
  const sink = createMqttSink({
    config: configSchema.parse({ mqtt: { url, ...config } }).mqtt,
    deviceName: 'dev',
    outbox,
    board,
    log,
    clock: systemClock,
    bootId: 'boot',
    version: '1.2.3',
    reconnectMs: [20, 100],
    ...change,
  });
  await sink.start();
  cleanups.push(() => sink.stop());
  return { sink, board, lines };
}

async function startStore(file: string, bootId: string): Promise<SqliteSink> {
  const store = createSqliteSink({
    file,
    sampleMs: 1000,
    retentionDays: 30_000,
    clock: systemClock,
    log: pino({ level: 'silent' }),
    board: new StateBoard('test'),
    bootId,
  });
  await store.start();
  cleanups.push(() => store.stop());
  return store;
}

function dataFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'mien-mqtt-'));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'mien.db');
}

const point = { x: 1, y: 2 };
const face: Face = {
  track: 1,
  box: { x: 10.4, y: 20.6, width: 64.2, height: 80 },
  score: 0.912345,
  landmarks: { eyeLeft: point, eyeRight: point, nose: point, mouthLeft: point, mouthRight: point },
  label: 'happy',
  probability: 0.899999,
  probabilities: { angry: 0.100001, happy: 0.899999 },
};

function reading(mono: number, ...faces: Face[]): Reading {
  const happyShare = happyShareOf(labelCounts(faces));
  return { frame: mono, t: mono / 1000, ts: START + mono, mono, width: 640, height: 480, faces, happyShare };
}

function visit(seq: number): Visit {
  return {
    id: `boot-${seq}`,
    bootId: 'boot',
    seq,
    track: seq,
    startedAt: START,
    endedAt: START + 2000,
    dwellMs: 2000,
    dominant: 'happy',
    shares: { angry: 0.25, happy: 0.75 },
    reasons: {},
    happyShare: 0.75,
    strongest: { label: 'happy', probability: 0.98, ts: START + 500 },
    confidence: 0.8,
    frames: 60,
  };
}

/** A visit that has just ended, as the daemon hands it to the sinks. */
function endVisit(sinks: Pick<Sink, 'onVisit'>[], seq: number): void {
  for (const sink of sinks) sink.onVisit?.(visit(seq));
}

/** Between the device and the broker: a cable that can be cut, left out, or that lets only one direction through. */
async function cable(port: number) {
  const pairs = new Set<[Socket, Socket]>();
  const state = { deaf: false };
  const server = createServer((near) => {
    const far = dial(port, '127.0.0.1');
    const pair: [Socket, Socket] = [near, far];
    pairs.add(pair);
    near.on('data', (data) => far.write(data));
    far.on('data', (data) => state.deaf || near.write(data));
    for (const socket of pair) {
      socket.on('error', () => {});
      socket.on('close', () => {
        pairs.delete(pair);
        for (const other of pair) other.destroy();
      });
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const own = (server.address() as AddressInfo).port;
  cleanups.push(() => server.close());
  return {
    url: `mqtt://127.0.0.1:${own}`,
    unplug: () => server.close(),
    plug: () => once(server.listen(own, '127.0.0.1'), 'listening'),
    /** Answers of the broker no longer arrive. */
    deafen: () => {
      state.deaf = true;
    },
    /** Cuts what there is; who dials again gets through. */
    cut: () => {
      state.deaf = false;
      for (const pair of pairs) for (const socket of pair) socket.destroy();
    },
  };
}

test('online once the broker said so, offline at the end, both retained', async () => {
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
    ).toEqual(['mien/dev/availability', 'mien/dev/camera/state', 'mien/dev/state']),
  );
  expect(watching.texts('mien/dev/availability')).toEqual(['online']);
  await sink.stop();
  await until(() => expect(watching.texts('mien/dev/availability')).toEqual(['online', 'offline']));
  expect(watching.messages.at(-1)!.topic).toBe('mien/dev/availability');
  const late = await observer(broker.url, 'mien/dev/#');
  await until(() => expect(late.messages).toHaveLength(3));
  expect(late.messages).toContainEqual({ topic: 'mien/dev/availability', text: 'offline', retain: true, qos: 1 });
  const camera = { state: 'stopped', source: 'rtsp://***@10.0.0.2/***' };
  expect(late.json('mien/dev/camera/state')).toMatchObject([camera]);
  const stopped = { state: 'stopped' };
  expect(late.json('mien/dev/state')).toMatchObject([{ camera, vision: stopped, store: stopped, mqtt: stopped }]);
});

test('a device that vanishes is offline by its will, and online again when it is back', async () => {
  const broker = await mosquitto();
  const wire = await cable(broker.port);
  const watching = await observer(broker.url, 'mien/dev/availability');
  await startSink({ url: wire.url });
  await until(() => expect(watching.texts('mien/dev/availability')).toEqual(['online']));
  wire.cut();
  await until(() => expect(watching.texts('mien/dev/availability')).toEqual(['online', 'offline', 'online']));
});

test('the state is retained, in snake_case, without credentials, and sent again when it changes', async () => {
  const broker = await mosquitto();
  const watching = await observer(broker.url, 'mien/dev/#');
  const { board } = await startSink({ url: broker.url });
  await until(() => expect(watching.json('mien/dev/state')).toHaveLength(1));
  expect(watching.json('mien/dev/camera/state')[0]).toMatchObject({
    schema: 3,
    boot_id: 'boot',
    seq: 1,
    state: 'starting',
    source: 'rtsp://***@10.0.0.2/***',
  });
  board.update('camera', { state: 'online', width: 640, height: 480, fps: 30 });
  board.update('vision', { state: 'running', droppedFps: 1.23456, labels: ['angry', 'happy'] });
  await until(() => expect(watching.json('mien/dev/state')).toHaveLength(2));
  expect(watching.json('mien/dev/state')[1]).toMatchObject({
    schema: 3,
    seq: 2,
    version: '1.2.3',
    camera: { state: 'online', fps: 30 },
    vision: { state: 'running', labels: ['angry', 'happy'] },
    mqtt: { state: 'connected' },
  });
  expect(watching.json('mien/dev/camera/state').map(({ state }) => state)).toEqual(['starting', 'online']);
  expect(watching.json('mien/dev/figures')).toMatchObject([{ schema: 3, seq: 1, dropped_fps: 1.2346 }]);
  board.update('vision', { restarts: 1 });
  await until(() => expect(watching.json('mien/dev/state')).toHaveLength(3));
  expect(watching.json('mien/dev/camera/state')).toHaveLength(2);
  expect(watching.messages.map(({ text }) => text).join()).not.toContain('s3cret');
});

test('figures that only move make no state, and a broker that is there again gets everything anew', async () => {
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
  expect(watching.json('mien/dev/figures').map(({ fps }) => fps)).toEqual([30]);
  wire.cut();
  await until(() => expect(watching.json('mien/dev/state')).toHaveLength(3));
  await until(() => expect(watching.json('mien/dev/figures')).toHaveLength(2));
});

test('readings: at most every readingMs, only with faces, and one without when the last has left', async () => {
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
    schema: 3,
    ts: START + 1000,
    boot_id: 'boot',
    seq: 1,
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
  // The topic stays quiet: a message that follows all the others proves that none was under way.
  sink.onReading?.(reading(9000, face));
  await until(() => expect(watching.json('mien/dev/reading').at(-1)).toMatchObject({ frame: 9000, seq: 5 }));
  expect(
    watching.messages
      .filter(({ topic }) => topic === 'mien/dev/reading')
      .every(({ qos, retain }) => qos === 0 && !retain),
  ).toBe(true);
});

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
    schema: 3,
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
  await until(() => expect(store.unpublished(10)).toEqual([]));
});

test('visits outlive an outage of the broker: each once, in order, told as historical', async () => {
  const first = await mosquitto();
  const wire = await cable(first.port);
  const store = await startStore(dataFile(), 'boot');
  const { sink, board } = await startSink({ url: wire.url, outbox: store });
  await until(() => expect(board.current.mqtt.state).toBe('connected'));
  endVisit([store, sink], 1);
  await until(() => expect(store.unpublished(10)).toEqual([]));

  wire.unplug();
  await first.stop();
  await until(() => expect(board.current.mqtt.reason).toMatch(/No broker answers at .* Start the broker/));
  expect(board.current.mqtt.state).toBe('offline');
  for (let seq = 2; seq <= 60; seq += 1) endVisit([store, sink], seq);

  const again = await mosquitto({ port: first.port });
  // The receiver is back before the device is.
  const watching = await observer(again.url, 'mien/dev/visit');
  await wire.plug();
  await until(() => expect(board.current.mqtt.state).toBe('connected'));
  await until(() => expect(store.unpublished(100)).toEqual([]));
  endVisit([store, sink], 61);
  await until(() => expect(watching.messages).toHaveLength(60));
  const told = watching.json('mien/dev/visit').map(({ id, seq, historical }) => ({ id, seq, historical }));
  expect(told).toEqual(
    Array.from({ length: 60 }, (_, index) => ({ id: `boot-${index + 2}`, seq: index + 2, historical: index < 59 })),
  );
  await until(() => expect(store.unpublished(100)).toEqual([]));
});

test('a visit without acknowledgement stays in the outbox, and is sent again under the same number', async () => {
  const broker = await mosquitto();
  const wire = await cable(broker.port);
  const watching = await observer(broker.url, 'mien/dev/visit');
  const store = await startStore(dataFile(), 'boot');
  const { sink, board } = await startSink({ url: wire.url, outbox: store });
  await until(() => expect(board.current.mqtt.state).toBe('connected'));
  wire.deafen();
  endVisit([store, sink], 1);
  await until(() => expect(watching.messages).toHaveLength(1));
  expect(store.unpublished(10)).toHaveLength(1);
  wire.cut();
  await until(() => expect(store.unpublished(10)).toEqual([]));
  await until(() => expect(watching.messages).toHaveLength(2));
  const told = watching.json('mien/dev/visit').map(({ id, seq, historical }) => ({ id, seq, historical }));
  expect(told).toEqual([
    { id: 'boot-1', seq: 1, historical: false },
    { id: 'boot-1', seq: 1, historical: true },
  ]);
});

test('visits outlive a restart of the device', async () => {
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
  await until(() => expect(after.unpublished(10)).toEqual([]));
  await until(() => expect(watching.messages).toHaveLength(3));
  const told = watching
    .json('mien/dev/visit')
    .map(({ id, boot_id, seq, historical }) => [id, boot_id, seq, historical]);
  expect(told).toEqual([
    ['boot-1', 'next', 1, true],
    ['boot-2', 'next', 2, true],
    ['boot-3', 'next', 3, true],
  ]);
});

test('visits that end at shutdown still go out before offline', async () => {
  const broker = await mosquitto();
  const watching = await observer(broker.url, 'mien/dev/#');
  const store = await startStore(dataFile(), 'boot');
  const { sink, board } = await startSink({ url: broker.url, outbox: store });
  await until(() => expect(board.current.mqtt.state).toBe('connected'));
  for (let seq = 1; seq <= 30; seq += 1) endVisit([store, sink], seq);
  await sink.stop();
  expect(store.unpublished(100)).toEqual([]);
  await until(() =>
    expect(watching.messages.at(-1)).toMatchObject({ topic: 'mien/dev/availability', text: 'offline' }),
  );
  expect(watching.texts('mien/dev/visit')).toHaveLength(30);
});

test('a wrong password is told as such, without the password', async () => {
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
  ['the URL, as they stand', 'mqtt://kiosk:r:i%ght@', {}],
  ['the configuration rather than the URL', 'mqtt://other:one@', { username: 'kiosk', password: 'r:i%ght' }],
])('credentials from %s are used and masked', async (_name, prefix, config) => {
  const broker = await mosquitto({ users: { kiosk: 'r:i%ght' } });
  const { board, lines } = await startSink({ url: `${prefix}127.0.0.1:${broker.port}`, config });
  await until(() => expect(board.current.mqtt.state).toBe('connected'));
  expect(JSON.stringify(board.current) + lines.join()).not.toMatch(/ght|one@/);
});

test('a state that the broker refused is sent again with the next figure: it may be allowed by now', async () => {
  const acl = ['user kiosk', 'topic write mien/dev/availability', 'topic read mien/dev/#'];
  const broker = await mosquitto({ users: { kiosk: 'right' }, acl });
  const watching = await observer(`mqtt://kiosk:right@127.0.0.1:${broker.port}`, 'mien/dev/#');
  const { board } = await startSink({ url: broker.url, config: { username: 'kiosk', password: 'right' } });
  board.update('vision', { fps: 30 });
  await until(() => expect(board.current.mqtt.reason).toMatch(/mien\/dev\/state .*ot authorized/));
  // The refusal itself is news, and is refused too.
  await sleep(2500);
  expect(watching.json('mien/dev/state')).toEqual([]);
  broker.allow([...acl, 'topic write mien/dev/state']);
  await until(() => {
    board.update('vision', { fps: board.current.vision.fps === 30 ? 30.1 : 30 });
    expect(watching.json('mien/dev/state').length).toBeGreaterThan(0);
  });
});

test('a topic that the broker does not allow is told, and its visits wait', async () => {
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
  expect(outbox.visits).toHaveLength(1);
});

test('a broker that does not answer any more does not hold up the end; the will tells it', async () => {
  const broker = await mosquitto();
  const wire = await cable(broker.port);
  const watching = await observer(broker.url, 'mien/dev/availability');
  const { sink, board } = await startSink({ url: wire.url });
  await until(() => expect(board.current.mqtt.state).toBe('connected'));
  wire.deafen();
  await sink.stop();
  await until(() => expect(watching.texts('mien/dev/availability').at(-1)).toBe('offline'));
});

test('two devices with one name: the one that is thrown out gets a hint', async () => {
  const broker = await mosquitto();
  const first = await startSink({ url: broker.url, change: { reconnectMs: [60_000] } });
  await until(() => expect(first.board.current.mqtt.state).toBe('connected'));
  await startSink({ url: broker.url });
  await until(() => expect(first.board.current.mqtt.state).toBe('offline'));
  expect(first.board.current.mqtt.reason).toMatch(/closed the connection\. .* the client id mien-dev \(device\.name\)/);
});

test('a broker that says why it ends the connection is quoted', async () => {
  // Mosquitto 2.0 does not say that somebody took over; later ones and others do. CONNACK, then DISCONNECT 0x8E.
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.end(Buffer.from('2003000000e0018e', 'hex')));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(() => server.close());
  const { board } = await startSink({ url: `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}` });
  await until(() => expect(board.current.mqtt.reason).toMatch(/^Another client took over the client id mien-dev/));
});

test('a broker that only speaks MQTT 3.1.1 is spoken to in that', async () => {
  const broker = await startLocalBroker({ host: '127.0.0.1', port: 0, log: pino({ level: 'silent' }) });
  cleanups.push(() => broker.stop());
  const outbox = memoryOutbox();
  const { sink, board, lines } = await startSink({ url: broker.url, outbox });
  await until(() => expect(board.current.mqtt.state).toBe('connected'));
  endVisit([outbox, sink], 1);
  await until(() => expect(outbox.visits).toEqual([]));
  expect(lines.join()).not.toContain('refused');
});

test('a port that is not MQTT is told, and tried again', async () => {
  let calls = 0;
  const server = createServer((socket) => {
    calls += 1;
    socket.on('error', () => {});
    socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(() => server.close());
  const { board } = await startSink({ url: `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}` });
  await until(() => expect(calls).toBeGreaterThan(5));
  expect(board.current.mqtt.state).toBe('offline');
  expect(board.current.mqtt.reason).toMatch(/Start the broker, or set mqtt\.url/);
});

test('switched off, it connects to nothing', async () => {
  const { board, sink } = await startSink({ url: 'mqtt://127.0.0.1:1', config: { enabled: false } });
  expect(board.current.mqtt).toEqual({ state: 'disabled' });
  sink.onReading?.(reading(0, face));
  await sink.stop();
});
