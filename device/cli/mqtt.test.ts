import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { exitCode } from '../core/errors.ts';
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
