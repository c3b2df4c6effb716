import { chownSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { InstalledHost } from '../lab/fixtures/installed-host.ts';
import { startMosquitto } from '../lab/fixtures/mosquitto.ts';
import { install } from './install.ts';
import { readStatus } from './status.ts';
import { removeData, uninstall } from './uninstall.ts';

const device = new InstalledHost();
const quick = () => ({ limits: device.deps.limits });

async function installed(mqtt = 'enabled: false'): Promise<void> {
  const config = device.path('mien.yaml');
  writeFileSync(
    config,
    `device:\n  name: lobby\ndataDir: ${device.host.at.data}\nhttp:\n  port: ${device.port}\nmqtt:\n  ${mqtt}\n`,
  );
  const origin = { root: device.unpacked('0.1.0'), isPackaged: true };
  await install(device.deps, { answers: { config }, kiosk: 'chromium', start: true }, origin);
  mkdirSync(device.host.at.data, { recursive: true });
  writeFileSync(join(device.host.at.data, 'mien.lock'), '');
}

test('without --purge, configuration and data stay, and a new installation finds them', async () => {
  await installed();
  const { at } = device.host;
  expect(await uninstall(device.host, {})).toMatchObject({ outcome: 'uninstalled', changed: true, code: 0 });
  expect([at.home, at.command, join(at.units, 'mien.service'), at.udevRules].filter(existsSync)).toEqual([]);
  expect([at.config, at.data].filter(existsSync)).toHaveLength(2);
  expect(device.said.at(-1)).toContain(`These stay: ${at.etc}, ${at.data}`);
  expect(device.isActive).toBe(false);
  expect(await uninstall(device.host, {})).toMatchObject({ outcome: 'unchanged', changed: false });
});

test('with --purge nothing is left, and the broker has forgotten the device', async () => {
  const broker = await startMosquitto();
  try {
    await installed(`url: ${broker.url}`);
    const outcome = await uninstall(device.host, { purge: true });
    expect(outcome).toMatchObject({ outcome: 'uninstalled', reason: null, code: 0 });
    const left = readdirSync(device.path('root'), { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    expect(left.map(({ name }) => name)).toEqual([]);
    expect(device.ran).toContain('userdel mien');
    expect(device.said.join('\n')).toContain('The broker has forgotten this device');
  } finally {
    await broker.stop();
  }
});

test('a broker that is away is told, and all else is removed', async () => {
  await installed('url: mqtt://127.0.0.1:1');
  const outcome = await uninstall(device.host, { purge: true });
  expect(outcome).toMatchObject({ outcome: 'uninstalled', code: 1 });
  expect(outcome.reason).toContain('the broker still has the retained messages of lobby: ');
  expect(existsSync(device.host.at.etc)).toBe(false);
});

test('the first configuration is written once, the password where only root reads it', async () => {
  const { host, deps } = device;
  const mqttPasswordFile = device.path('password');
  writeFileSync(mqttPasswordFile, 'secret\n');
  const answers = {
    name: 'lobby',
    camera: '/dev/mien-camera',
    mqttUrl: 'mqtt://127.0.0.1:1',
    mqttUsername: 'mien',
    mqttPasswordFile,
  };
  const order = { answers, kiosk: 'none', start: false, from: 'https://mirror.example.org/' } as const;
  const origin = { root: device.unpacked('0.1.0'), isPackaged: true };
  expect(await install(deps, order, origin)).toMatchObject({ outcome: 'installed', code: 0 });
  expect(readFileSync(host.at.config, 'utf8')).toContain('name: lobby');
  expect(readFileSync(host.at.config, 'utf8')).not.toContain('secret');
  expect(statSync(host.at.config).mode & 0o777).toBe(0o640);
  expect(statSync(join(host.at.credentials, 'mqtt.password')).mode & 0o777).toBe(0o600);
  expect(readFileSync(host.at.settings, 'utf8')).toContain('https://mirror.example.org/');
  expect(device.isActive).toBe(false);
  expect(device.ran).toContain('systemctl enable mien');
  expect(await install(deps, order, origin)).toMatchObject({ outcome: 'unchanged', changed: false });
});

test('a mistake in the answers is named before anything is written', async () => {
  const order = { answers: { name: 'the lobby', camera: 'auto' }, kiosk: 'none', start: true } as const;
  const origin = { root: device.unpacked('0.1.0'), isPackaged: true };
  await expect(install(device.deps, order, origin)).rejects.toThrow('device.name: expected');
  expect(existsSync(device.host.at.config)).toBe(false);
  expect(existsSync(device.host.at.current)).toBe(false);
});

test('the status tells what works and what does not', async () => {
  expect(await readStatus(device.host, quick())).toMatchObject({ version: null, ok: false });
  await installed();
  const status = await readStatus(device.host, quick());
  expect(status).toMatchObject({ version: '0.1.0', service: 'active', health: 'ok', camera: 'online', ok: true });
  device.setActive(false);
  const dead = await readStatus(device.host, quick());
  expect(dead).toMatchObject({ version: '0.1.0', service: 'inactive', health: null, ok: false });
  expect(dead.gate[0]).toMatchObject({
    check: 'version',
    ok: false,
    message: expect.stringContaining('does not answer'),
  });
});

test.skipIf(process.getuid?.() !== 0)('files of others in the data folder stay', () => {
  const folder = device.path('shared-disk');
  mkdirSync(join(folder, 'photos'), { recursive: true });
  for (const name of ['mien.db', 'claim.json']) {
    writeFileSync(join(folder, name), '');
    chownSync(join(folder, name), 990, 990);
  }
  removeData(folder);
  expect(readdirSync(folder)).toEqual(['photos']);
});
