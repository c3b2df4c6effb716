import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { configSchema } from '../../config/schema.ts';
import { silentLog } from '../../lab/fixtures/http-fixture.ts';
import { startMosquitto } from '../../lab/fixtures/mosquitto.ts';
import { startLocalBroker } from '../../sinks/mqtt/broker.ts';
import { checkBroker } from './broker.ts';

describe('the broker', () => {
  it('warns of a missing default broker, and fails on a missing configured one', async () => {
    const { mqtt } = configSchema.parse({ mqtt: { url: 'mqtt://127.0.0.1:1' } });
    expect(await checkBroker(mqtt, false)).toMatchObject({
      state: 'warn',
      detail: expect.stringContaining('No broker answers at mqtt://127.0.0.1:1 (connection refused)'),
    });
    expect(await checkBroker(mqtt, true)).toMatchObject({ state: 'fail', remedy: expect.stringContaining('mqtt.url') });
    expect(await checkBroker({ ...mqtt, enabled: false }, true)).toMatchObject({ state: 'ok' });
  });

  it('fails on wrong credentials, and accepts the right ones', async () => {
    const broker = await startMosquitto({ users: { mien: 'right' } });
    const { mqtt } = configSchema.parse({ mqtt: { url: broker.url, username: 'mien', password: 'wrong' } });
    const refused = await checkBroker(mqtt, false);
    expect(refused).toMatchObject({ state: 'fail', remedy: expect.stringContaining('MIEN_MQTT_PASSWORD') });
    expect(JSON.stringify(refused)).not.toContain('wrong');
    expect(await checkBroker({ ...mqtt, password: 'right' }, false)).toMatchObject({ state: 'ok' });
    await broker.stop();
  });

  it("uses the URL's credentials as the daemon does, also with a colon in the password", async () => {
    const broker = await startMosquitto({ users: { mien: 'r:i%ght' } });
    const url = broker.url.replace('://', '://mien:r:i%ght@');
    const { mqtt } = configSchema.parse({ mqtt: { url } });
    const finding = await checkBroker(mqtt, true);
    expect(finding).toMatchObject({ state: 'ok', detail: `connected to ${broker.url.replace('://', '://***@')}` });
    await broker.stop();
  });

  it('accepts a broker that only supports MQTT 3.1.1', async () => {
    const broker = await startLocalBroker({ host: '127.0.0.1', port: 0, log: silentLog });
    const { mqtt } = configSchema.parse({ mqtt: { url: broker.url } });
    expect(await checkBroker(mqtt, true)).toEqual({
      part: 'broker',
      state: 'ok',
      detail: `connected to ${broker.url}`,
    });
    await broker.stop();
  });

  it('fails on a server that is not a broker', async () => {
    const server = createServer((socket) =>
      socket
        .on('error', () => {})
        .resume()
        .end('HTTP/1.1 400 Bad Request\r\n\r\n'),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const { mqtt } = configSchema.parse({ mqtt: { url: `mqtt://127.0.0.1:${port}` } });
    expect(await checkBroker(mqtt, true)).toMatchObject({ state: 'fail' });
    await new Promise((resolve) => server.close(resolve));
  });
});
