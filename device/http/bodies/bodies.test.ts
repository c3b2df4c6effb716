import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { fixture, silentLog } from '../../lab/fixtures/http-fixture.ts';
import { heardLog } from '../../lab/fixtures/log.ts';
import { until } from '../../lab/fixtures/mien.ts';
import { type RunningServer, serveApp } from '../server/serve.ts';
import type { BodyLimits } from './bodies.ts';

const servers: RunningServer[] = [];
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const server of servers.splice(0)) await server.stop();
});

/** A device that holds each picture until `finish` is called. */
async function device(bodyLimits: BodyLimits = {}, log = silentLog) {
  const waiting: (() => void)[] = [];
  const lengths: number[] = [];
  const classify = async (bytes: Buffer) => {
    lengths.push(bytes.length);
    await new Promise<void>((resolve) => waiting.push(resolve));
    return { result: { width: 64, height: 48, faces: [], ms: 1 } };
  };
  const { app } = fixture({ uploads: { classify }, bodyLimits, log });
  let requests = 0;
  const counted: typeof app.fetch = (...args) => {
    requests += 1;
    return app.fetch(...args);
  };
  const server = await serveApp({ fetch: counted }, { host: '127.0.0.1', port: 0, log: silentLog });
  servers.push(server);
  const url = `http://127.0.0.1:${server.port}/api/v1/classify`;
  const post = (body: Buffer, type = 'image/jpeg') =>
    fetch(url, { method: 'POST', body: new Uint8Array(body), headers: { 'content-type': type } });
  const finish = () => {
    for (const end of waiting.splice(0)) end();
  };
  /** Waits until the app has received so many requests in all. */
  const received = (count: number) => until(() => requests >= count || undefined);
  return { port: server.port, post, url, lengths, finish, received };
}

/** Sends the head of a request and `sent` bytes of its body. */
function hold(port: number, { path = '/api/v1/classify', type = 'image/jpeg', length = 9_900_000, sent = 0 } = {}) {
  const socket = connect(port, '127.0.0.1');
  sockets.push(socket.on('error', () => undefined));
  socket.write(
    `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${type}\r\nContent-Length: ${length}\r\n\r\n`,
  );
  socket.write(Buffer.alloc(sent));
  return { socket, answer: once(socket, 'data').then(([bytes]) => String(bytes)) };
}

const statusOf = (answer: string) => Number(answer.split(' ')[1]);

describe('one budget for all bodies', () => {
  test('with four pictures of 10 MB in progress the next is refused unread, and accepted later', async () => {
    const { port, post, lengths, finish, received } = await device({ idleMs: 30_000 });
    const held = Array.from({ length: 4 }, () => hold(port));
    await received(held.length);
    const refused = await hold(port).answer;
    expect(statusOf(refused)).toBe(503);
    expect(refused.toLowerCase()).toContain('retry-after: 2');
    for (const { socket } of held) socket.destroy();
    const served = until(async () => {
      const { status } = await post(Buffer.alloc(9_000_000));
      return status === 503 ? undefined : status;
    });
    await until(() => lengths.length > 0 || undefined);
    finish();
    expect(await served).toBe(200);
  });

  test('the rest of a few refused bodies is read; for more, the connection ends with the answer', async () => {
    const { port } = await device({ largeBytes: 1_000_000, droppedBytes: 2_000_000 });
    const refused = async () => {
      const held = hold(port, { length: 1_500_000 });
      const answer = await held.answer;
      expect(statusOf(answer)).toBe(503);
      return { ...held, ends: /^connection: close/im.test(answer) };
    };
    const first = await refused();
    expect([first.ends, (await refused()).ends, (await refused()).ends]).toEqual([false, false, true]);
    // Bytes that were read no longer count.
    first.socket.write(Buffer.alloc(1_500_000));
    await until(async () => !(await refused()).ends || undefined);
  });

  test('a client that leaves after its answer frees its share', async () => {
    const { port } = await device({ largeBytes: 1_000_000, droppedBytes: 2_000_000 });
    for (let sent = 0; sent < 5; sent += 1) {
      const held = hold(port, { length: 1_500_000 });
      const answer = await held.answer;
      expect([sent, /^connection: close/im.test(answer)]).toEqual([sent, false]);
      held.socket.destroy();
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    // A single refused body gets its answer, however large it is.
    const large = await hold(port, { length: 30_000_000 }).answer;
    expect([statusOf(large), /^connection: close/im.test(large)]).toEqual([413, false]);
  });

  test('a client that leaves in the middle of a body is no fault of the device', async () => {
    const log = heardLog();
    const { port, post, received, finish, lengths } = await device({ largeBytes: 1_000_000 }, log);
    const { socket } = hold(port, { length: 900_000, sent: 100_000 });
    await received(1);
    socket.destroy();
    // Its share is free again.
    const next = until(async () => ((await post(Buffer.alloc(900_000))).status === 503 ? undefined : true));
    await until(() => lengths.length > 0 || undefined);
    finish();
    await next;
    expect(log.lines.filter(({ level }) => level === 'error')).toEqual([]);
  });

  test('a picture counts until its answer', async () => {
    const { port, post, lengths, finish } = await device({ largeBytes: 1_000_000 });
    const first = post(Buffer.alloc(900_000));
    await until(() => lengths.length > 0 || undefined);
    expect(statusOf(await hold(port, { length: 200_000 }).answer)).toBe(503);
    finish();
    expect((await first).status).toBe(200);
  });

  test('stalled pictures do not block small bodies', async () => {
    const { port, received } = await device();
    for (let held = 0; held < 4; held += 1) hold(port);
    await received(4);
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1/session`, {
      method: 'POST',
      body: '{"password":"x"}',
      headers: { 'content-type': 'application/json' },
    });
    expect(answer.status).toBe(401);
  });

  test('a stalled body is aborted, large or small', async () => {
    const { port } = await device({ idleMs: 200 });
    expect(statusOf(await hold(port, { sent: 100_000 }).answer)).toBe(408);
    const small = { path: '/api/v1/heartbeat', type: 'application/json', length: 1000, sent: 10 };
    expect(statusOf(await hold(port, small).answer)).toBe(408);
  });

  test('a body that trickles is aborted too', async () => {
    const { port } = await device({ idleMs: 200, totalMs: 600 });
    const { socket, answer } = hold(port);
    const trickle = setInterval(() => socket.write('x'), 50);
    expect(statusOf(await answer)).toBe(408);
    clearInterval(trickle);
  });

  test('a chunked body is refused at its limit', async () => {
    const { url } = await device();
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (let sent = 0; sent < 11; sent += 1) controller.enqueue(new Uint8Array(1_000_000));
        controller.close();
      },
    });
    const init = { method: 'POST', body, duplex: 'half', headers: { 'content-type': 'image/jpeg' } };
    expect((await fetch(url, init as RequestInit)).status).toBe(413);
  });
});

describe('forms', () => {
  const part = (name: string, content: string, more = '') =>
    `--b\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n${content}\r\n`;
  const file = part('image', 'PICTURE', '; filename="a.jpg"');
  const type = 'multipart/form-data; boundary=b';

  test('the file arrives unchanged, also beside another field', async () => {
    const { post, lengths, finish } = await device();
    const picture = Buffer.from(Array.from({ length: 300_000 }, (_, at) => (at * 7919) % 251));
    const body = Buffer.concat([
      Buffer.from(part('note', 'x') + part('image', '', '; filename="a.jpg"').slice(0, -2)),
      picture,
      Buffer.from('\r\n--b--\r\n'),
    ]);
    const answer = post(body, type);
    await until(() => lengths.length > 0 || undefined);
    finish();
    expect((await answer).status).toBe(200);
    expect(lengths).toEqual([picture.length]);
  });

  test.each([
    ['two pictures', `${file}${file}--b--\r\n`, 422],
    ['a text instead of a picture', `${part('image', 'text')}--b--\r\n`, 422],
    ['three parts', `${file}${part('a', '')}${part('c', '')}--b--\r\n`, 422],
    ['no part', '--b--\r\n', 422],
    ['no end', file, 400],
  ])('a form of %s is refused', async (_name, body, status) => {
    const { post } = await device();
    expect((await post(Buffer.from(body), type)).status).toBe(status);
  });

  test('a form of 150,000 parts is refused after the third, in less than 2 s of CPU time', async () => {
    const { post } = await device();
    const parts = `--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n`;
    const body = Buffer.from(`${parts.repeat(150_000)}--b--\r\n`);
    expect(body.length).toBeGreaterThan(7_000_000);
    const before = process.cpuUsage();
    const { status } = await post(body, type);
    const { user, system } = process.cpuUsage(before);
    expect(status).toBe(422);
    // Parsing all of them takes 10 s of this thread and more.
    expect((user + system) / 1e6).toBeLessThan(2);
  });
});
