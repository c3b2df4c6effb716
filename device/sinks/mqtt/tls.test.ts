import { once } from 'node:events';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { beforeAll, expect, test, vi } from 'vitest';
import { createWebSocketStream, WebSocketServer } from 'ws';
import { checkBroker } from '../../cli/doctor/broker.ts';
import { configSchema } from '../../config/schema.ts';
import { type TestAuthority, type TestCertificate, testAuthority } from '../../lab/fixtures/certificates.ts';
import { mqttSinks, until } from '../../lab/fixtures/mqtt-sink.ts';
import { scratchFolder } from '../../lab/fixtures/scratch.ts';
import type { BrokerTls } from './tls.ts';

const folder = scratchFolder();
const { mosquitto, startSink, afterTest } = mqttSinks();
let authority: TestAuthority;
let other: TestAuthority;
let server: TestCertificate;
let device: TestCertificate;
let expired: TestCertificate;

beforeAll(() => {
  authority = testAuthority(folder);
  other = testAuthority(folder, 'other');
  server = authority.sign('server', 'DNS:broker.local,IP:127.0.0.1');
  device = authority.sign('device', 'DNS:lobby');
  expired = authority.sign('expired', 'IP:127.0.0.1', [-20, -10]);
});

/** A broker behind a WebSocket with TLS, as many proxies serve it. */
async function webSocketBroker(files: TestCertificate): Promise<string> {
  const broker = await mosquitto();
  const options = { cert: readFileSync(files.cert), key: readFileSync(files.key) };
  const https = createServer(options).listen(0, '127.0.0.1');
  const sockets = new WebSocketServer({ server: https });
  sockets.on('connection', (socket) => {
    const near = createWebSocketStream(socket).on('error', () => {});
    const far = connect(broker.port, '127.0.0.1').on('error', () => {});
    near.pipe(far).pipe(near);
  });
  await once(https, 'listening');
  afterTest(() => {
    for (const socket of sockets.clients) socket.terminate();
    https.close();
  });
  return `wss://127.0.0.1:${(https.address() as AddressInfo).port}/mqtt`;
}

/** The reason that the daemon shows, and the finding of `mien doctor`. */
async function faultsOf(url: string, tls: BrokerTls) {
  const { board, lines } = await startSink({ url, config: { tls } });
  await until(() => expect(board.current.mqtt.state).toBe('offline'));
  const finding = await checkBroker(configSchema.parse({ mqtt: { url, tls } }).mqtt, true);
  const { reason, code } = board.current.mqtt;
  return { reason, code, finding, lines };
}

async function isConnected(url: string, tls: BrokerTls) {
  const { board } = await startSink({ url, config: { tls } });
  await until(() => expect(board.current.mqtt.state).toBe('connected'));
  expect(await checkBroker(configSchema.parse({ mqtt: { url, tls } }).mqtt, true)).toMatchObject({ state: 'ok' });
}

test('a broker of the authority is trusted', async () => {
  const broker = await mosquitto({ tls: server });
  await isConnected(broker.url, { ca: authority.ca });
});

test('over a WebSocket too, and only by the name in the certificate', async () => {
  const url = await webSocketBroker(authority.sign('websocket', 'DNS:broker.local'));
  await isConnected(url, { ca: authority.ca, serverName: 'broker.local' });
  expect((await faultsOf(url, { ca: authority.ca })).code).toBe('broker-untrusted');
});

test.each([
  [
    'an unknown authority',
    () => server,
    () => ({}),
    /signed by an unknown authority .* Set mqtt\.tls\.ca \(MIEN_MQTT_TLS_CA\)/,
  ],
  ['another authority', () => server, () => ({ ca: other.ca }), /signed by an unknown authority .* Set mqtt\.tls\.ca/],
  [
    'another name',
    () => authority.sign('named', 'DNS:broker.local'),
    () => ({ ca: authority.ca }),
    /is for DNS:broker\.local\. Use a name of the certificate in mqtt\.url, or set it as mqtt\.tls\.serverName/,
  ],
  [
    'an expired certificate',
    () => expired,
    () => ({ ca: authority.ca }),
    /has expired by this device's clock \(\d{4}-\d\d-\d\d \d\d:\d\d UTC\)\. Renew it at the broker, or set the clock/,
  ],
  [
    'a certificate of the future',
    () => authority.sign('early', 'IP:127.0.0.1', [2, 9]),
    () => ({ ca: authority.ca }),
    /is not valid yet by this device's clock \(.*\)\. Set the clock/,
  ],
] as const)('a broker with %s is not trusted, with the remedy', async (_name, certificate, tls, expected) => {
  const broker = await mosquitto({ tls: certificate() });
  const { reason, code, finding } = await faultsOf(broker.url, tls());
  expect(reason).toMatch(expected);
  expect(reason).not.toContain('\n');
  expect(code).toBe('broker-untrusted');
  expect(finding).toMatchObject({ state: 'fail' });
  expect(`${finding.detail}. ${finding.remedy}`.replace(/\d\d:\d\d UTC/, '')).toBe(
    reason?.replace(/\d\d:\d\d UTC/, ''),
  );
});

test('NODE_TLS_REJECT_UNAUTHORIZED does not switch the verification off', async () => {
  vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
  try {
    const plain = await mosquitto({ tls: server });
    expect((await faultsOf(plain.url, {})).code).toBe('broker-untrusted');
    expect((await faultsOf(await webSocketBroker(server), {})).code).toBe('broker-untrusted');
  } finally {
    vi.unstubAllEnvs();
  }
});

test('a broker that requires a certificate of the device gets it', async () => {
  const broker = await mosquitto({ tls: { ...server, ca: authority.ca } });
  await isConnected(broker.url, { ca: authority.ca, ...device });
  for (const tls of [{ ca: authority.ca }, { ca: authority.ca, ...other.sign('stranger', 'DNS:x') }]) {
    const { reason, code } = await faultsOf(broker.url, tls);
    expect(reason).toMatch(
      /refused the certificate of this device, or needs one .* Set mqtt\.tls\.cert and mqtt\.tls\.key/,
    );
    expect(code).toBe('broker-refused');
  }
});

test('mien doctor warns of a certificate of the device that expires soon', async () => {
  const broker = await mosquitto({ tls: { ...server, ca: authority.ca } });
  const tls = { ca: authority.ca, ...authority.sign('soon', 'DNS:lobby', [-1, 5]) };
  expect(await checkBroker(configSchema.parse({ mqtt: { url: broker.url, tls } }).mqtt, true)).toMatchObject({
    state: 'warn',
    detail: expect.stringMatching(/soon\.pem expires soon, on \d{4}-\d\d-\d\d$/),
  });
});

test('a port without TLS is named', async () => {
  const broker = await mosquitto();
  const { reason } = await faultsOf(`mqtts://127.0.0.1:${broker.port}`, { ca: authority.ca });
  expect(reason).toMatch(
    /that it speaks TLS \(often on port 8883\)|does not speak TLS .* Use the TLS port of the broker/,
  );
});

test('a port with TLS and an address without it: the remedy names mqtts://', async () => {
  const broker = await mosquitto({ tls: server });
  const { reason } = await faultsOf(`mqtt://127.0.0.1:${broker.port}`, {});
  expect(reason).toMatch(/mqtts:\/\//);
});

test('files are read at each attempt: a missing or renewed one needs no restart', async () => {
  const broker = await mosquitto({ tls: { ...server, ca: authority.ca } });
  const [ca, cert, key] = [join(folder, 'late-ca.pem'), join(folder, 'late.pem'), join(folder, 'late.key')];
  const { board, lines } = await startSink({ url: broker.url, config: { tls: { ca, cert, key } } });
  await until(() =>
    expect(board.current.mqtt.reason).toMatch(
      /^mqtt\.tls\.ca: expected a file that can be read, got .*late-ca\.pem \(ENOENT.*\)\. Copy the certificate of the authority/,
    ),
  );
  expect(lines.filter((line) => line.includes('mqtt.tls.ca'))).toHaveLength(1);
  copyFileSync(authority.ca, ca);
  writeFileSync(cert, 'not a certificate');
  copyFileSync(device.key, key);
  await until(() => expect(board.current.mqtt.reason).toMatch(/^mqtt\.tls\.cert: expected a certificate in PEM form/));
  copyFileSync(expired.cert, cert);
  await until(() => expect(board.current.mqtt.reason).toMatch(/^mqtt\.tls\.key: expected the key of .*late\.pem/));
  copyFileSync(expired.key, key);
  await until(() =>
    expect(board.current.mqtt.reason).toMatch(
      /^The certificate of this device \(mqtt\.tls\.cert\) has expired, according to the broker .* Renew it; Mien uses the new files without a restart/,
    ),
  );
  copyFileSync(device.key, key);
  copyFileSync(device.cert, cert);
  await until(() => expect(board.current.mqtt.state).toBe('connected'));
});
