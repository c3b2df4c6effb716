import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connectAsync } from 'mqtt';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { exitCode } from '../core/errors.ts';
import { testAuthority } from '../lab/fixtures/certificates.ts';
import { Mien } from '../lab/fixtures/mien.ts';
import { type Mosquitto, startMosquitto } from '../lab/fixtures/mosquitto.ts';
import { scratchFolder } from '../lab/fixtures/scratch.ts';
import { claimFolder } from '../sinks/sqlite/opening/claim.ts';

const folder = scratchFolder();
let broker: Mosquitto;
beforeAll(async () => {
  broker = await startMosquitto();
});
afterAll(() => broker.stop());

async function forget(dataDir: string, ...args: string[]) {
  const settings = [`dataDir=${dataDir}`, `mqtt.url=${broker.url}`, 'device.name=lobby'];
  const run = new Mien(['mqtt', 'forget', ...settings.flatMap((each) => ['--set', each]), ...args]);
  return { code: await run.exited, stdout: run.stdout, stderr: run.stderr.trim() };
}

test('it removes this device and prints what it removed', async () => {
  const dataDir = join(folder, 'own');
  mkdirSync(dataDir);
  writeFileSync(join(dataDir, 'device-id'), '0123456789ab\n');
  const { code, stdout } = await forget(dataDir);
  expect(code).toBe(0);
  expect(stdout).toBe(
    `Removed 0 retained messages below mien/lobby/ from ${broker.url}\nRequested from Home Assistant the removal of the device mien_0123456789ab\n`,
  );
});

test('beside a running daemon it refuses, except with --force or for another device', async () => {
  const dataDir = join(folder, 'running');
  const daemon = claimFolder(dataDir);
  const refused = await forget(dataDir);
  expect(refused.code).toBe(exitCode.unavailable);
  expect(refused.stderr).toBe(
    `mien: Mien runs with the data folder ${dataDir} and would announce itself again. Stop it first, or add --force`,
  );
  expect((await forget(dataDir, '--force')).code).toBe(0);
  const other = await forget(dataDir, '--device', 'gone');
  expect(other.code).toBe(0);
  expect(other.stdout).toMatch(
    /below mien\/gone\/ .*\nThe id of the device is not known: if Home Assistant still lists/,
  );
  daemon.close();
});

test('a data folder that cannot be examined is one line with a remedy', async () => {
  const dataDir = join(folder, 'file');
  writeFileSync(dataDir, '');
  const { code, stderr } = await forget(dataDir);
  expect(code).toBe(exitCode.unavailable);
  expect(stderr).toMatch(
    /^mien: Cannot determine whether Mien runs with the data folder .*file \(.*\)\. Run the command as/,
  );
});

test('a name that is no level of a topic is a mistake in the configuration', async () => {
  const { code, stderr } = await forget(join(folder, 'own'), '--device', 'a/b');
  expect(code).toBe(exitCode.config);
  expect(stderr).toMatch(/device\.name: expected letters, digits/);
});

test('an empty name is a mistake, and not this device', async () => {
  const { code, stderr } = await forget(join(folder, 'own'), '--device', '');
  expect(code).toBe(exitCode.config);
  expect(stderr).toMatch(/device\.name: expected letters, digits/);
});

test('a renamed device keeps its entities, and its new name is printed', async () => {
  const dataDir = join(folder, 'own');
  const client = await connectAsync(broker.url);
  await client.publishAsync('mien/porch/state', '{"device_id":"0123456789ab"}', { qos: 1, retain: true });
  await client.endAsync();
  const { code, stdout } = await forget(dataDir, '--device', 'porch');
  expect(code).toBe(0);
  expect(stdout).toBe(
    `Removed 1 retained message below mien/porch/ from ${broker.url}\nHome Assistant keeps the device mien_0123456789ab: it is named lobby now\n`,
  );
});

const withSettings = (settings: object) =>
  forget(join(folder, 'own'), ...Object.entries(settings).flatMap(([path, value]) => ['--set', `${path}=${value}`]));

test('it ends when the broker is not there', async () => {
  const { code, stderr } = await withSettings({ 'mqtt.url': 'mqtt://127.0.0.1:1' });
  expect(code).toBe(exitCode.unavailable);
  expect(stderr).toMatch(/^mien: No broker answers at mqtt:\/\/127\.0\.0\.1:1 .*\. Then run this command again$/);
});

test('it ends when mqtt.tls.key cannot be read', async () => {
  const { cert } = testAuthority(folder).sign('lobby', 'DNS:lobby');
  const key = join(folder, 'missing.key');
  const tls = { 'mqtt.tls.cert': cert, 'mqtt.tls.key': key };
  const { code, stderr } = await withSettings({ 'mqtt.url': 'mqtts://127.0.0.1:1', ...tls });
  expect(code).toBe(exitCode.config);
  expect(stderr).toMatch(/^mien: .*missing\.key.*\. Then run this command again$/);
});
