import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect } from 'mqtt';
import { expect, test, vi } from 'vitest';
import { WebSocketServer } from 'ws';
import { checkBroker } from '../../cli/doctor/broker.ts';
import { configSchema } from '../../config/schema.ts';
import { brokerConnections } from '../../lab/fixtures/broker-connection.ts';

vi.mock('mqtt', { spy: true });
const { connectionTo, afterTest } = brokerConnections();

/** A WebSocket server on the address ::1 that collects the packets of its clients. */
async function webSocketOnIpv6(): Promise<{ port: number; packets: Buffer[] }> {
  const server = createServer().listen(0, '::1');
  await once(server, 'listening');
  const packets: Buffer[] = [];
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket) => socket.on('message', (bytes: Buffer) => packets.push(bytes)));
  afterTest(() => {
    for (const socket of sockets.clients) socket.terminate();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, packets };
}

test('a WebSocket broker at an IPv6 address can be reached', async () => {
  const { port, packets } = await webSocketOnIpv6();
  connectionTo(`ws://user:secret@[::1]:${port}/mqtt`);
  // The first byte of CONNECT.
  await vi.waitFor(() => expect(packets[0]?.[0]).toBe(0x10), 5000);
});

test('an exception of the library is reported as a fault, and retries follow', async () => {
  vi.mocked(connect).mockImplementation(() => {
    throw new SyntaxError('Invalid URL: ws://::1:9115/');
  });
  const { faults } = connectionTo('ws://[::1]:9115');
  await vi.waitFor(() => expect(faults.length).toBeGreaterThan(1), 5000);
  expect(faults[0]).toMatch(/^No MQTT connection to ws:\/\/\[::1\]:9115.*Invalid URL/);
  const finding = await checkBroker(configSchema.parse({ mqtt: { url: 'ws://[::1]:9115' } }).mqtt, true);
  expect(finding).toMatchObject({ state: 'fail', detail: expect.stringContaining('Invalid URL') });
  vi.mocked(connect).mockRestore();
});
