import { chmodSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { configSchema } from '../../config/schema.ts';
import { TestFolder } from '../../lab/fixtures/scratch.ts';
import { checkClock, checkDisk, checkPort, checkTemperature } from './machine.ts';

const folder = new TestFolder();

describe('the machine', () => {
  it('finds a data folder that can be written, also one that is yet to be made', async () => {
    expect(await checkDisk(join(folder.path, 'a/b'))).toMatchObject({
      part: 'disk',
      detail: expect.stringContaining(`free in ${folder.path}`),
    });
  });

  it('fails where it cannot write', async () => {
    const file = folder.write('file');
    chmodSync(file, 0o400);
    expect(await checkDisk(join(file, 'data'))).toMatchObject({
      state: 'fail',
      detail: expect.stringContaining('cannot write'),
    });
  });

  it('fails on a clock before the installation', async () => {
    expect(await checkClock(0)).toMatchObject({ state: 'fail', detail: expect.stringContaining('1970') });
    expect(await checkClock()).not.toMatchObject({ state: 'fail' });
  });

  it('warns of heat, and says nothing where there is no sensor', async () => {
    expect(await checkTemperature(folder.path)).toEqual([]);
    folder.write('sys/class/thermal/thermal_zone0/temp', '48000\n');
    expect(await checkTemperature(folder.path)).toMatchObject([{ state: 'ok', detail: '48 °C' }]);
    folder.write('sys/class/thermal/thermal_zone1/temp', '85500\n');
    expect(await checkTemperature(folder.path)).toMatchObject([{ state: 'warn', detail: '86 °C' }]);
  });
});

describe('the port', () => {
  const portOf = async (server: Server) => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    return configSchema.parse({ http: { port } }).http;
  };

  it('is free, or taken by another program, or by Mien', async () => {
    const other = createHttpServer((_, response) => response.end('hello'));
    const http = await portOf(other);
    expect(await checkPort(http)).toMatchObject({ state: 'fail', detail: expect.stringContaining('another program') });
    other.closeAllConnections();
    await new Promise((resolve) => other.close(resolve));
    expect(await checkPort(http)).toMatchObject({ state: 'ok', detail: expect.stringContaining('free') });

    const mien = createHttpServer((_, response) => response.end('{"status":"degraded","reasons":[],"frames":{}}'));
    expect(await checkPort(await portOf(mien))).toMatchObject({
      state: 'ok',
      detail: expect.stringContaining('Mien runs'),
    });
    mien.closeAllConnections();
    await new Promise((resolve) => mien.close(resolve));
  });
});
