import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { exitCode, MienError } from '../../core/errors.ts';
import { eventually, type Fixture, fixture, numberedFrame, silentLog } from '../../lab/fixtures/http-fixture.ts';
import type { AppDeps } from '../app.ts';
import { type RunningServer, serveApp } from './serve.ts';

const running: RunningServer[] = [];
afterEach(async () => {
  for (const server of running.splice(0)) await server.stop();
});

async function start(change: Partial<AppDeps> = {}): Promise<Fixture & { port: number; server: RunningServer }> {
  const made = fixture(change);
  const server = await serveApp(made.app, { host: '127.0.0.1', port: 0, log: silentLog });
  running.push(server);
  return Object.assign(made, { port: server.port, server });
}

interface Client {
  readonly socket: WebSocket;
  readonly frames: Array<{ head: { type: string; reading: { frame: number } }; jpeg: Buffer }>;
  readonly states: Array<{ type: string; state: { camera: { state: string } } }>;
}

async function watch(port: number, options: { headers?: Record<string, string> } = {}): Promise<Client> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/live`, options);
  const client: Client = { socket, frames: [], states: [] };
  socket.on('message', (data: Buffer, binary) => {
    if (!binary) {
      client.states.push(JSON.parse(data.toString()));
      return;
    }
    const end = 4 + data.readUInt32BE(0);
    client.frames.push({ head: JSON.parse(data.subarray(4, end).toString()), jpeg: data.subarray(end) });
  });
  await once(socket, 'open');
  return client;
}

describe('/live', () => {
  test('head and picture belong together, frame by frame, and the source runs only while somebody watches', async () => {
    const { port, live } = await start();
    expect(live.subscribers('plain')).toBe(0);
    const client = await watch(port);
    await eventually(() => live.subscribers('plain') === 1, 'the viewer subscribes');
    for (let number = 0; number < 50; number += 1) {
      live.emit(numberedFrame(number, 2000 + number));
      await eventually(() => client.frames.length === number + 1, `frame ${number}`);
    }
    for (const [number, { head, jpeg }] of client.frames.entries()) {
      expect(head).toMatchObject({ type: 'frame', reading: { frame: number } });
      expect(jpeg.readUInt32BE(0)).toBe(number);
      expect(jpeg).toHaveLength(2000 + number);
    }
    client.socket.close();
    await eventually(() => live.subscribers('plain') === 0, 'the viewer unsubscribes');
  });

  test('the state comes at connect and at each change', async () => {
    const { port, board } = await start();
    const client = await watch(port);
    await eventually(() => client.states.length === 1, 'state at connect');
    expect(client.states[0]).toMatchObject({ type: 'state', version: '1.2.3', state: { camera: { state: 'online' } } });
    board.update('camera', { state: 'lost', reason: 'unplugged' });
    await eventually(() => client.states.length === 2, 'state at change');
    expect(client.states[1]).toMatchObject({ state: { camera: { state: 'lost', reason: 'unplugged' } } });
  });

  test('a viewer that does not read skips frames; the others get every one', async () => {
    const { port, live } = await start();
    const slow = await watch(port);
    slow.socket.pause();
    const fast = await watch(port);
    await eventually(() => live.subscribers('plain') === 2, 'two viewers');
    // 40 frames of 1 MB do not fit into the buffers of a loopback connection that nobody reads.
    for (let number = 0; number < 40; number += 1) {
      live.emit(numberedFrame(number, 1_000_000));
      await eventually(() => fast.frames.length === number + 1, `frame ${number} at the fast viewer`);
    }
    slow.socket.resume();
    await eventually(() => slow.frames.at(-1)?.head.reading.frame === 39, 'the newest frame at the slow viewer');
    expect(slow.frames.length).toBeLessThan(35);
    for (const { head, jpeg } of slow.frames) expect(jpeg.readUInt32BE(0)).toBe(head.reading.frame);
    const response = await fetch(`http://127.0.0.1:${port}/api/v1/state`);
    const { live: counts } = (await response.json()) as { live: { viewers: number; dropped: number } };
    expect(counts).toMatchObject({ viewers: 2, dropped: 40 - slow.frames.length });
  });

  test('a viewer that is not there any more is ended', async () => {
    const { port, live } = await start({ heartbeatMs: 30 });
    const client = await watch(port);
    await eventually(() => live.subscribers('plain') === 1, 'the viewer subscribes');
    client.socket.pause();
    await eventually(() => live.subscribers('plain') === 0, 'the viewer without an answer is ended');
  });

  test('a viewer that answers stays, and sees a sign of life', async () => {
    // Longer than an answer takes on a machine that is busy with something else.
    const { port, live } = await start({ heartbeatMs: 250 });
    const client = await watch(port);
    await eventually(() => client.states.length > 5, 'signs of life');
    expect(live.subscribers('plain')).toBe(1);
  });

  test('pages of another origin and rebound names are refused', async () => {
    const { port, live } = await start();
    await expect(watch(port, { headers: { origin: 'http://evil.example' } })).rejects.toThrow('403');
    await expect(watch(port, { headers: { host: 'evil.example' } })).rejects.toThrow('403');
    const own = await watch(port, { headers: { origin: `http://127.0.0.1:${port}` } });
    expect(own.socket.readyState).toBe(WebSocket.OPEN);
    expect(live.subscribers('plain')).toBeLessThan(2);
  });
});

describe('/stream.mjpeg', () => {
  test('parts that parse, at the pace of the reader, and an end when the client leaves', async () => {
    const { port, live } = await start();
    const request = get(`http://127.0.0.1:${port}/stream.mjpeg`);
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    expect(response.headers['content-type']).toBe('multipart/x-mixed-replace; boundary=mien-frame');
    let bytes = Buffer.alloc(0);
    response.on('data', (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
    });
    response.on('error', () => undefined);
    await eventually(() => live.subscribers('annotated') === 1, 'the viewer subscribes');
    for (let number = 0; number < 5; number += 1) {
      live.emit(numberedFrame(number, 500));
      await eventually(() => parseParts(bytes).length === number + 1, `part ${number}`);
    }
    expect(parseParts(bytes).map((jpeg) => jpeg.readUInt32BE(0))).toEqual([0, 1, 2, 3, 4]);
    request.destroy();
    await eventually(() => live.subscribers('annotated') === 0, 'the viewer unsubscribes');
  });
});

/** Parts by their own Content-Length, each closed by the boundary. */
function parseParts(bytes: Buffer): Buffer[] {
  const boundary = Buffer.from('--mien-frame\r\n');
  const parts: Buffer[] = [];
  if (!bytes.subarray(0, boundary.length).equals(boundary)) return parts;
  let at = boundary.length;
  for (;;) {
    const headEnd = bytes.indexOf('\r\n\r\n', at);
    if (headEnd < 0) return parts;
    const length = Number(/Content-Length: (\d+)/.exec(bytes.subarray(at, headEnd).toString())?.[1]);
    const end = headEnd + 4 + length;
    const closing = bytes.subarray(end, end + 2 + boundary.length);
    if (closing.length < 2 + boundary.length) return parts;
    expect(closing.toString()).toBe('\r\n--mien-frame\r\n');
    parts.push(bytes.subarray(headEnd + 4, end));
    at = end + closing.length;
  }
}

describe('listening', () => {
  test('a port in use is named, with what to do', async () => {
    const { port } = await start();
    const second = serveApp(fixture().app, { host: '127.0.0.1', port, log: silentLog });
    await expect(second).rejects.toBeInstanceOf(MienError);
    await expect(second).rejects.toMatchObject({
      code: exitCode.unavailable,
      message: `Port ${port} of 127.0.0.1 is in use`,
      remedy: expect.stringContaining('http.port'),
    });
  });

  test('stops at once with open streams, and gives the port back', async () => {
    const { port, live, server } = await start();
    const client = await watch(port);
    const stream = get(`http://127.0.0.1:${port}/stream.mjpeg`);
    stream.on('error', () => undefined);
    const [response] = (await once(stream, 'response')) as [IncomingMessage];
    response.on('error', () => undefined);
    await eventually(() => live.subscribers('annotated') + live.subscribers('plain') === 2, 'both subscribe');
    await server.stop();
    await eventually(() => live.subscribers('annotated') + live.subscribers('plain') === 0, 'both unsubscribe');
    await eventually(() => client.socket.readyState === WebSocket.CLOSED, 'the viewer sees the end');
    const again = await serveApp(fixture().app, { host: '127.0.0.1', port, log: silentLog });
    running.push(again);
    expect(again.port).toBe(port);
  });

  test('another upgrade than WebSocket is answered', async () => {
    const { port } = await start();
    const socket = connect(port, '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 426 /);
    await once(socket, 'close');
  });

  test.each([
    ['h2c', 'localhost', 426],
    ['websocket', 'evil.example', 403],
  ])('a client that keeps a refused upgrade (%s) open does not hold up the stop', async (upgrade, host, status) => {
    const { port, server } = await start();
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    socket.on('error', () => undefined);
    const key = 'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';
    socket.write(`GET /live HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: ${upgrade}\r\n${key}\r\n`);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toContain(`HTTP/1.1 ${status} `);
    await once(socket, 'end');
    await server.stop();
    socket.destroy();
  });

  test('a name of another host is refused over the wire too', async () => {
    const { port } = await start();
    const request = get({ port, host: '127.0.0.1', path: '/api/v1/state', headers: { host: 'evil.example' } });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    response.resume();
    expect(response.statusCode).toBe(403);
  });
});
