import { once } from 'node:events';
import { createServer } from 'node:net';
import { pino } from 'pino';
import { afterEach, expect, test } from 'vitest';
import { freePort, type Mosquitto, observe, startMosquitto } from '../../test/mosquitto.ts';
import { type LocalBroker, probeBroker, startLocalBroker } from './broker.ts';

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

test('on a free port it is our own, and ends', async () => {
  const port = await freePort();
  const broker = await localBroker(port);
  expect(broker).toMatchObject({ url: `mqtt://${host}:${port}`, embedded: true });
  expect(await probeBroker(broker.url)).toBeUndefined();
  await broker.stop();
  expect(await probeBroker(broker.url)).toMatch(/ECONNREFUSED/);
});

test('it ends while clients are connected', async () => {
  const broker = await localBroker(await freePort());
  await expect(observe(broker.url, '#')).rejects.toThrow(/protocol version/);
  const { connect } = await import('mqtt');
  const client = connect(broker.url, { reconnectPeriod: 0, protocolVersion: 4 });
  await new Promise<void>((resolve) => client.once('connect', () => resolve()));
  const closed = new Promise<void>((resolve) => client.once('close', () => resolve()));
  await broker.stop();
  await closed;
});

test('a broker that is there already is used, and left running', async () => {
  const there = await mosquitto();
  const broker = await localBroker(there.port);
  expect(broker).toMatchObject({ url: there.url, embedded: false });
  await broker.stop();
  expect(await probeBroker(there.url)).toBeUndefined();
});

test('a broker that wants a password is not ours to use: a free port', async () => {
  const there = await mosquitto({ users: { somebody: 'else' } });
  const broker = await localBroker(there.port);
  expect(broker.embedded).toBe(true);
  expect(broker.url).not.toBe(there.url);
  expect(await probeBroker(broker.url)).toBeUndefined();
});

test.each([
  ['answers something else', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
  ['says nothing', ''],
])('a port whose owner %s: a free port', async (_name, answer) => {
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
