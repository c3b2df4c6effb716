import { once } from 'node:events';
import { createServer } from 'node:net';
import { connect } from 'mqtt';
import { pino } from 'pino';
import { afterEach, expect, test } from 'vitest';
import { describeError } from '../../core/errors.ts';
import { freePort, type Mosquitto, observe, startMosquitto } from '../../lab/fixtures/mosquitto.ts';
import { type LocalBroker, startLocalBroker } from './broker.ts';

const host = '127.0.0.1';
const log = pino({ level: 'silent' });
const cleanups: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function localBroker(port: number): Promise<LocalBroker> {
  const broker = await startLocalBroker({ host, port, log });
  cleanups.push(() => broker.stop());
  return broker;
}

async function mosquitto(options?: Parameters<typeof startMosquitto>[0]): Promise<Mosquitto> {
  const broker = await startMosquitto(options);
  cleanups.push(() => broker.stop());
  return broker;
}

/** Undefined if the broker accepts a client, otherwise its reason. */
function probeBroker(url: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const client = connect(url, { protocolVersion: 4, reconnectPeriod: 0, connectTimeout: 2000 });
    const finish = (refusal: string | undefined) => {
      resolve(refusal);
      client.end(true);
    };
    client.on('connect', () => finish(undefined));
    client.on('error', (error) => finish(describeError(error)));
    client.on('close', () => resolve('it closed the connection'));
  });
}

test('on a free port it starts a broker, and stops it', async () => {
  const port = await freePort();
  const broker = await localBroker(port);
  expect(broker).toMatchObject({ url: `mqtt://${host}:${port}`, embedded: true });
  expect(await probeBroker(broker.url)).toBeUndefined();
  await broker.stop();
  expect(await probeBroker(broker.url)).toMatch(/ECONNREFUSED/);
});

test('it stops while clients are connected', async () => {
  const broker = await localBroker(await freePort());
  await expect(observe(broker.url, '#')).rejects.toThrow(/protocol version/);
  const client = connect(broker.url, { reconnectPeriod: 0, protocolVersion: 4 });
  await new Promise<void>((resolve) => client.once('connect', () => resolve()));
  const closed = new Promise<void>((resolve) => client.once('close', () => resolve()));
  await broker.stop();
  await closed;
});

test('an existing broker is not used: it takes a free port', async () => {
  const there = await mosquitto();
  const watching = await observe(there.url, '#');
  cleanups.push(() => watching.stop());
  const broker = await localBroker(there.port);
  expect(broker.embedded).toBe(true);
  expect(broker.url).not.toBe(there.url);
  expect(watching.messages).toEqual([]);
});

test.each([
  ['answers something else', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
  ['says nothing', ''],
])('with a program on the port that %s it takes a free port', async (_name, answer) => {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', () => (answer ? socket.end(answer) : undefined));
    socket.on('close', () => socket.destroy());
  }).listen(0, host);
  await once(server, 'listening');
  cleanups.push(async () => server.close());
  const { port } = server.address() as { port: number };
  const broker = await localBroker(port);
  expect(broker.embedded).toBe(true);
  expect(broker.url).not.toBe(`mqtt://${host}:${port}`);
  expect(await probeBroker(broker.url)).toBeUndefined();
});
