import dns from 'node:dns';
import { once } from 'node:events';
import { expect, test, vi } from 'vitest';
import { WebSocketServer } from 'ws';
import { brokerConnections, shortTimes } from '../../lab/fixtures/broker-connection.ts';
import { freePort, startMosquitto } from '../../lab/fixtures/mosquitto.ts';
import { until } from '../../lab/fixtures/mqtt-sink.ts';

const { connectionTo, server, afterTest } = brokerConnections();

async function mosquitto(port?: number) {
  const broker = await startMosquitto(port === undefined ? {} : { port });
  afterTest(() => broker.stop());
  return broker;
}

test.each([
  ['nothing listens', undefined, /^No broker answers at .* Start the broker/],
  [
    'HTTP',
    Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'),
    /^(No MQTT connection to|mqtt:).*Start the broker, or set mqtt\.url/,
  ],
  ['text', Buffer.from('220 mail.example.org ESMTP\r\n'), /^No answer of a broker at/],
  ['an alert of TLS', Buffer.from('15030100020246', 'hex'), /Start the broker, or set mqtt\.url/],
  ['zeros', Buffer.alloc(64), /Start the broker, or set mqtt\.url/],
  ['ones', Buffer.alloc(64, 255), /Start the broker, or set mqtt\.url/],
  ['a packet that is too long', Buffer.from('20ffffff7f', 'hex'), /^No answer of a broker at/],
  [
    'a CONNACK of an unknown code',
    Buffer.from('200300fe00', 'hex'),
    /refused the connection .* Check the log of the broker/,
  ],
  ['a PUBLISH before the CONNACK', Buffer.from('3005000161007b', 'hex'), /No (MQTT connection to|answer of a broker)/],
  ['half a CONNACK', Buffer.from('2003', 'hex'), /^No answer of a broker at/],
])(
  '%s at the port: shown with its remedy, tried again, and connected when a broker comes',
  async (_name, answer, expected) => {
    const port = await freePort();
    const other = answer && (await server((socket) => socket.once('data', () => socket.write(answer)), port));
    const { faults, connectedAt } = connectionTo(`mqtt://127.0.0.1:${port}`, { times: shortTimes });
    await until(() => expect(faults.length).toBeGreaterThan(2));
    expect(faults[0]).toMatch(expected);
    expect(faults[0]).not.toContain('\n');
    await other?.stop();
    await mosquitto(port);
    await until(() => expect(connectedAt).toHaveLength(1));
  },
);

test.each(['mqtt', 'mqtts', 'ws', 'wss'])('%s: a server that accepts and says nothing', async (protocol) => {
  const { port, sockets } = await server((socket) => socket.resume());
  const { faults } = connectionTo(`${protocol}://127.0.0.1:${port}`, { times: shortTimes });
  await until(() => expect(faults.length).toBeGreaterThan(1));
  expect(faults[0]).toMatch(/^No answer of a broker at .* \(connack timeout\)\. Check the network, a firewall/);
  // Every attempt ends its socket.
  await until(() => expect(sockets[0]!.closed).toBe(true));
});

test('garbage on a connection that was accepted', async () => {
  const { port } = await server((socket) => {
    socket.once('data', () => socket.write(Buffer.from('2003000000', 'hex')));
    setTimeout(() => socket.write(Buffer.alloc(64, 255)), 50);
  });
  const { faults, connectedAt } = connectionTo(`mqtt://127.0.0.1:${port}`, { times: shortTimes });
  await until(() => expect(connectedAt.length).toBeGreaterThan(1));
  expect(faults[0]).toMatch(/^No MQTT connection to/);
});

test('a WebSocket server that knows no such path', async () => {
  const sockets = new WebSocketServer({ port: 0, host: '127.0.0.1', path: '/mqtt' });
  await once(sockets, 'listening');
  afterTest(() => sockets.close());
  const { port } = sockets.address() as { port: number };
  const { faults } = connectionTo(`ws://127.0.0.1:${port}/other`, { times: shortTimes });
  await until(() => expect(faults.length).toBeGreaterThan(1));
  expect(faults[0]).toMatch(/refused the WebSocket .* Check the path in mqtt\.url/);
});

test('a host name that is known later', async () => {
  const broker = await mosquitto();
  let isKnown = false;
  const lookup = vi.spyOn(dns, 'lookup').mockImplementation(((_host: string, _options: object, done: Lookup) => {
    if (isKnown) done(null, [{ address: '127.0.0.1', family: 4 }]);
    else done(Object.assign(new Error('getaddrinfo ENOTFOUND broker.local'), { code: 'ENOTFOUND' }), []);
  }) as unknown as typeof dns.lookup);
  afterTest(() => lookup.mockRestore());
  const { faults, connectedAt } = connectionTo(`mqtt://broker.local:${broker.port}`, { times: shortTimes });
  await until(() => expect(faults.length).toBeGreaterThan(2));
  expect(faults[0]).toMatch(/^The host name in mqtt:\/\/broker\.local.* is not known\. Check mqtt\.url/);
  isKnown = true;
  await until(() => expect(connectedAt).toHaveLength(1));
});

type Lookup = (error: Error | null, addresses: readonly { address: string; family: number }[]) => void;

/** The protocol level of a CONNECT packet. */
function levelOf(data: Buffer): number {
  return data[data.indexOf('MQTT') + 4]!;
}

test('a broker that closes on MQTT 5 gets 3.1.1', async () => {
  const levels: number[] = [];
  const { port } = await server((socket) => {
    socket.once('data', (data) => {
      levels.push(levelOf(data));
      if (levels.length % 2 === 1) socket.destroy();
      else socket.write(Buffer.from('20020000', 'hex'));
    });
  });
  const { connectedAt } = connectionTo(`mqtt://127.0.0.1:${port}`, { times: shortTimes });
  await until(() => expect(connectedAt).toHaveLength(1));
  expect(levels).toEqual([5, 4]);
});

test('a broker that has spoken MQTT 5 does not get 3.1.1 when its restart breaks a connection', async () => {
  const levels: number[] = [];
  const { port } = await server((socket) => {
    socket.once('data', (data) => {
      levels.push(levelOf(data));
      // Accepted, and lost; then some connections that end before the CONNACK.
      if (levels.length === 1 || levels.length > 4) socket.write(Buffer.from('2003000000', 'hex'));
      if (levels.length <= 4) setTimeout(() => socket.resetAndDestroy(), 50);
    });
  });
  const { connectedAt } = connectionTo(`mqtt://127.0.0.1:${port}`, { times: shortTimes });
  await until(() => expect(connectedAt).toHaveLength(2));
  expect(levels).toEqual([5, 5, 5, 5, 5]);
});
