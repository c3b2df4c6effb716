import { mkdirSync, writeFileSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import { beforeEach, expect, test } from 'vitest';
import { InstalledHost } from '../../lab/fixtures/installed-host.ts';
import { openDatabase } from '../../sinks/sqlite/opening/database.ts';
import { formatVersion, schemaVersion } from '../../sinks/sqlite/tables/schema.ts';
import { install } from '../install.ts';
import { rollback } from '../rollback.ts';
import { update } from '../update.ts';
import { copyIfFormatChanges, fitOf, schemaOfDatabase } from './database.ts';

const device = new InstalledHost();
const file = () => device.path('data/mien.db');
const names = () => {
  const database = new Sqlite(file(), { readonly: true });
  const found = database.prepare('SELECT boot_id FROM boots ORDER BY n').pluck().all();
  database.close();
  return found;
};
/** What the daemon of a newer release does: its migration, and a row. */
const runNewer = () => {
  const database = new Sqlite(file());
  database.pragma(`user_version = ${formatVersion + 1}`);
  database.prepare("INSERT INTO boots (boot_id, started_at) VALUES ('newer', 2)").run();
  database.close();
};
const known = { format: formatVersion, version: schemaVersion };
const newer = { format: formatVersion + 1, version: schemaVersion + 1 };

beforeEach(async () => {
  mkdirSync(device.path('data'));
  const database = openDatabase(file());
  database.prepare("INSERT INTO boots (boot_id, started_at) VALUES ('older', 1)").run();
  database.close();
});

test('a copy is made before a release with another format, or one that does not tell, and for no other', async () => {
  const { copyThread } = device.deps;
  expect(await copyIfFormatChanges(file(), known, copyThread)).toBe(false);
  expect(await copyIfFormatChanges(device.path('none/mien.db'), newer, copyThread)).toBe(false);
  expect(fitOf(file(), known)).toEqual({ fits: true });
  expect(await copyIfFormatChanges(file(), newer, copyThread)).toBe(true);
  expect(await copyIfFormatChanges(file(), undefined, copyThread)).toBe(true);
  runNewer();
  expect(fitOf(file(), known)).toEqual({ fits: false, copy: `${file()}.before-${schemaVersion}` });
  expect(fitOf(file(), { format: 1, version: 1 })).toEqual({ fits: false, copy: undefined });
});

/** Mien 0.1.0 of this format runs. */
async function installed(): Promise<void> {
  const config = device.path('mien.yaml');
  writeFileSync(config, `dataDir: ${device.path('data')}\nhttp:\n  port: ${device.port}\nmqtt:\n  enabled: false\n`);
  const root = device.unpacked('0.1.0', { schema: `${formatVersion} ${schemaVersion}` });
  await install(device.deps, { answers: { config }, kiosk: 'none', start: true }, { root, isPackaged: true });
}

const newSchema = `${formatVersion + 1} ${schemaVersion + 1}`;

test('a release that goes back after its migration leaves the old release its database', async () => {
  await installed();
  const from = await device.mirror('0.2.0', { frames: 0, schema: newSchema });
  device.onStart = () => {
    if (device.inUse === '0.2.0') runNewer();
  };
  expect(await update(device.deps, { from })).toMatchObject({ outcome: 'rolled-back', version: '0.1.0' });
  expect(schemaOfDatabase(file())).toEqual(known);
  expect(names()).toEqual(['older']);
});

test('a rollback by hand restores the copy, and keeps the newer database', async () => {
  await installed();
  device.onStart = () => {
    if (device.inUse === '0.2.0') runNewer();
  };
  const from = await device.mirror('0.2.0', { schema: newSchema });
  expect(await update(device.deps, { from })).toMatchObject({ outcome: 'updated' });
  expect(names()).toEqual(['older', 'newer']);
  expect(await rollback(device.deps)).toMatchObject({ outcome: 'rolled-back', version: '0.1.0', code: 0 });
  expect(names()).toEqual(['older']);
  expect(device.said.join('\n')).toMatch(/the newer one is kept as .*mien\.db\.replaced-/);
});

test('a database of the same format stays when a release goes back', async () => {
  await installed();
  const from = await device.mirror('0.2.0', { frames: 0, schema: `${formatVersion} ${schemaVersion + 1}` });
  await update(device.deps, { from });
  expect(names()).toEqual(['older']);
  expect(device.said.join('\n')).not.toContain('kept as');
});
