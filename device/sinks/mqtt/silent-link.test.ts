import { expect, test } from 'vitest';
import { brokerConnections, shortTimes } from '../../lab/fixtures/broker-connection.ts';
import { startCable } from '../../lab/fixtures/cable.ts';
import { startMosquitto } from '../../lab/fixtures/mosquitto.ts';
import { until } from '../../lab/fixtures/mqtt-sink.ts';
import { linkTimes } from './connection.ts';

const { connectionTo, server, afterTest } = brokerConnections();
/** mqtt.js gives up at 1.5 times the keepalive; timers of a busy machine are late. */
const noticedMs = 1.5 * shortTimes.keepaliveS * 1000;
const slackMs = 3000;
const patient = { times: { ...shortTimes, acknowledgeMs: 60_000 } };

async function overCable(change: Parameters<typeof connectionTo>[1] = patient) {
  const broker = await startMosquitto();
  afterTest(() => broker.stop());
  const wire = await startCable(broker.port);
  afterTest(wire.stop);
  const made = connectionTo(wire.url, change);
  await until(() => expect(made.connectedAt).toHaveLength(1));
  return { ...made, wire };
}

test('the usual times notice a silent link within 30 s', () => {
  expect(linkTimes.keepaliveS * 1.5).toBeLessThan(30);
  expect(linkTimes.acknowledgeMs).toBeLessThan(30_000);
});

test('a link that goes silent without an end is noticed, and the connection comes back with the link', async () => {
  const { faults, wire, connectedAt } = await overCable();
  const silentAt = performance.now();
  wire.silence();
  await until(() => expect(faults).toHaveLength(1));
  expect(performance.now() - silentAt).toBeLessThan(noticedMs + slackMs);
  expect(faults[0]).toMatch(/went silent \(Keepalive timeout\)\. Check the network/);
  wire.cut();
  await until(() => expect(connectedAt).toHaveLength(2));
});

test('a device that goes on sending notices it too', async () => {
  const { connection, faults, wire } = await overCable();
  const silentAt = performance.now();
  wire.silence();
  const sending = setInterval(() => {
    connection.publish('mien/test/reading', '{}', { qos: 0 }).catch(() => {});
  }, 50);
  afterTest(() => clearInterval(sending));
  await until(() => expect(faults).toHaveLength(1));
  expect(performance.now() - silentAt).toBeLessThan(noticedMs + slackMs);
});

test('a message that waits for its acknowledgement on a silent link is rejected', async () => {
  const { connection, faults, wire } = await overCable();
  wire.silence();
  let wasConnected: boolean | undefined;
  const visit = connection.publish('mien/test/visit', '{}', { qos: 1 }).catch((error: unknown) => {
    wasConnected = connection.isConnected;
    throw error;
  });
  await expect(visit).rejects.toThrow();
  // Otherwise it would count as refused by the broker.
  expect(wasConnected).toBe(false);
  await until(() => expect(faults[0]).toMatch(/went silent/));
});

test('the device disconnects from a broker that answers pings but acknowledges no message, and connects again', async () => {
  const pings: number[] = [];
  const { port } = await server((socket) => {
    socket.write(Buffer.from('2003000000', 'hex'));
    socket.on('data', (data) => {
      if (data.at(-2) !== 0xc0) return;
      pings.push(1);
      socket.write(Buffer.from('d000', 'hex'));
    });
  });
  const times = { ...shortTimes, acknowledgeMs: 1800 };
  const { connection, faults, connectedAt } = connectionTo(`mqtt://127.0.0.1:${port}`, { times });
  await until(() => expect(connectedAt).toHaveLength(1));
  await expect(connection.publish('mien/test/visit', '{}', { qos: 1 })).rejects.toThrow();
  await until(() => expect(faults[0]).toMatch(/is silent \(no acknowledgement within 1\.8 s\)/));
  expect(pings.length).toBeGreaterThan(0);
  await until(() => expect(connectedAt.length).toBeGreaterThan(1));
});

test('a broker that asks for a longer keepalive does not delay it', async () => {
  // CONNACK with a server keepalive of 600 s, then nothing.
  const { port } = await server((socket) => socket.resume().write(Buffer.from('2006000003130258', 'hex')));
  const { faults, connectedAt } = connectionTo(`mqtt://127.0.0.1:${port}`, patient);
  await until(() => expect(faults).toHaveLength(1));
  expect(performance.now() - connectedAt[0]!).toBeLessThan(noticedMs + slackMs);
});
