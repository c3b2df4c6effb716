import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import {
  eventually,
  FakeClock,
  fixture,
  makeReading,
  numberedFrame,
  silentLog,
} from '../../lab/fixtures/http-fixture.ts';
import { type RunningServer, serveApp } from '../server/serve.ts';
import { EventQueue } from './event-queue.ts';

const running: RunningServer[] = [];
afterEach(async () => {
  for (const server of running.splice(0)) await server.stop();
});

async function start(change: Parameters<typeof fixture>[0] = {}) {
  const made = fixture(change);
  const server = await serveApp(made.app, { host: '127.0.0.1', port: 0, log: silentLog });
  running.push(server);
  return { ...made, url: `http://127.0.0.1:${server.port}` };
}

/** A client of /api/v1/events that records the events. */
async function listen(url: string) {
  const request = get(url);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  let text = '';
  response.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  response.on('error', () => undefined);
  const events = () =>
    [...text.matchAll(/event: (\w+)\ndata: (.*)\n/g)].map(([, event, data]) => ({ event, data: JSON.parse(data!) }));
  return { response, events, leave: () => request.destroy() };
}

test('the state at connect and at each change, readings at the requested rate, visits at their end', async () => {
  const { board, feed, url } = await start();
  const { response, events, leave } = await listen(`${url}/api/v1/events?fps=0.1`);
  expect(response.headers['content-type']).toContain('text/event-stream');
  expect(response.headers['cache-control']).toBe('no-store');
  await eventually(() => events().length === 1, 'the state');
  expect(events()[0]).toMatchObject({ event: 'state', data: { state: { camera: { state: 'online' } } } });
  board.update('camera', { state: 'lost', reason: 'unplugged' });
  await eventually(() => events().length === 2, 'the change');
  feed.onReading(makeReading(1));
  await eventually(() => events().length === 3, 'a reading');
  feed.onReading(makeReading(2));
  feed.onVisit({ id: 'boot-1', shares: { happy: 1 / 3 } } as never);
  await eventually(() => events().length === 4, 'a visit');
  expect(
    events()
      .slice(1)
      .map(({ event }) => event),
  ).toEqual(['state', 'reading', 'visit']);
  expect(events()[2]!.data).toEqual(makeReading(1));
  expect(events()[3]!.data).toEqual({ id: 'boot-1', shares: { happy: 0.3333 } });
  leave();
});

test('an invalid rate is refused', async () => {
  const { app } = fixture();
  for (const path of ['/api/v1/events?fps=0', '/live?fps=61', '/stream.mjpeg?fps=x']) {
    expect(`${path} ${(await app.request(path)).status}`).toBe(`${path} 400`);
  }
});

test('a slow client gets the newest state and reading, and the visits in order', async () => {
  let version = 0;
  const queue = new EventQueue(() => ({ version: version++ }) as never);
  queue.stateChanged();
  queue.stateChanged();
  for (let frame = 0; frame < 50; frame += 1) queue.addReading(makeReading(frame));
  for (let seq = 0; seq < 150; seq += 1) queue.addVisit({ seq } as never);
  expect(await queue.next(1000)).toEqual({ event: 'state', data: { version: 0 } });
  for (let seq = 50; seq < 150; seq += 1)
    expect(await queue.next(1000)).toMatchObject({ event: 'visit', data: { seq } });
  expect(await queue.next(1000)).toMatchObject({ event: 'reading', data: { frame: 49 } });
  expect(await queue.next(1)).toEqual({ event: 'silence' });
  const waiting = queue.next(60_000);
  queue.close();
  expect(await waiting).toBeUndefined();
});

test('of 20 viewers one does not read and one requests a lower rate; the others get every frame', async () => {
  // The viewer that does not read does not answer pings either, so the heartbeat is long. The fake clock stands still, so the
  // viewer that requests a frame per 10 s gets only one.
  const { live, url } = await start({ heartbeatMs: 600_000, clock: new FakeClock() });
  const address = url.replace('http', 'ws');
  const seen = new Map<WebSocket, number[]>();
  const watch = async (query = '') => {
    const socket = new WebSocket(`${address}/live${query}`);
    const frames: number[] = [];
    seen.set(socket, frames);
    socket.on('message', (data: Buffer, isBinary) => {
      if (isBinary) frames.push(data.readUInt32BE(4 + data.readUInt32BE(0)));
    });
    await once(socket, 'open');
    return { socket, frames };
  };
  const fast = await Promise.all(Array.from({ length: 17 }, () => watch()));
  const [slow, rare, stateOnly] = await Promise.all([watch(), watch('?fps=0.1'), watch('?fps=0')]);
  slow.socket.pause();
  // No picture is encoded for the viewer that requests only the state.
  await eventually(() => live.subscribers('plain') === 19, '19 viewers of the picture');
  const numbers = Array.from({ length: 40 }, (_, number) => number);
  for (const number of numbers) {
    live.emit(numberedFrame(number, 500_000));
    await eventually(() => fast.every(({ frames }) => frames.length === number + 1), `frame ${number} at 17 viewers`);
  }
  for (const { frames } of fast) expect(frames).toEqual(numbers);
  slow.socket.resume();
  await eventually(() => slow.frames.at(-1) === 39, 'the newest frame at the slow viewer');
  expect(slow.frames.length).toBeLessThan(40);
  expect(rare.frames).toEqual([0]);
  expect(stateOnly.frames).toEqual([]);
  for (const socket of seen.keys()) socket.terminate();
}, 120_000);
