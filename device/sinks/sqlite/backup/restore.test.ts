import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { expect, test } from 'vitest';
import { exitCode } from '../../../core/errors.ts';
import { TestFolder } from '../../../lab/fixtures/scratch.ts';
import { claimFolder } from '../opening/claim.ts';
import { openDatabase } from '../opening/database.ts';
import { formatVersion, migrations, schemaVersion, versionOf } from '../tables/schema.ts';
import { copyDatabase } from './copy.ts';
import { restoreDatabase } from './restore.ts';

const folder = new TestFolder();
const now = Date.parse('2026-01-31T12:00:00.123Z');
const at = (name: string) => join(folder.path, name);

/** Writes the boots of these names. */
function write(file: string, ...boots: string[]): void {
  const database = openDatabase(file);
  for (const boot of boots) database.prepare('INSERT INTO boots (boot_id, started_at) VALUES (?, 0)').run(boot);
  database.close();
}

function bootsIn(file: string): unknown[] {
  const database = new Sqlite(file, { readonly: true });
  try {
    return database.prepare('SELECT boot_id FROM boots ORDER BY n').pluck().all();
  } finally {
    database.close();
  }
}

async function backupOf(...boots: string[]): Promise<string> {
  write(at('first.db'), ...boots);
  await copyDatabase(at('first.db'), at('backup.db'), { keepFree: 0 });
  return at('backup.db');
}

test('a backup replaces the database, which is kept with all its rows', async () => {
  const backup = await backupOf('old');
  const file = at('mien.db');
  write(file, 'old', 'new');
  // Killed: the newest row is only in the write-ahead log.
  const killed = openDatabase(file);
  killed.prepare("INSERT INTO boots (boot_id, started_at) VALUES ('newest', 0)").run();
  for (const end of ['', '-wal']) writeFileSync(at(`killed.db${end}`), readFileSync(file + end));
  killed.close();
  for (const end of ['', '-wal']) writeFileSync(file + end, readFileSync(at(`killed.db${end}`)));

  const kept = await restoreDatabase(backup, file, now);
  expect(kept).toBe(`${file}.replaced-2026-01-31T120000Z`);
  expect(bootsIn(file)).toEqual(['old']);
  expect(bootsIn(kept!)).toEqual(['old', 'new', 'newest']);
  openDatabase(file).close();
});

test('into an empty folder a backup is the first database', async () => {
  const backup = await backupOf('old');
  expect(await restoreDatabase(backup, at('new/mien.db'), now)).toBeUndefined();
  expect(bootsIn(at('new/mien.db'))).toEqual(['old']);
});

test('a backup of an older version is restored; the next start updates it', async () => {
  const backup = at('older.db');
  const older = new Sqlite(backup);
  for (const migration of migrations.slice(0, formatVersion)) older.exec(migration);
  older.pragma(`user_version = ${formatVersion}`);
  older.exec("INSERT INTO boots VALUES (1, 'old', 0)");
  older.close();
  await restoreDatabase(backup, at('mien.db'), now);
  const database = openDatabase(at('mien.db'));
  expect(versionOf(database)).toBe(schemaVersion);
  database.close();
  expect(bootsIn(at('mien.db'))).toEqual(['old']);
});

test('a damaged database is replaced too', async () => {
  const backup = await backupOf('old');
  writeFileSync(at('mien.db'), 'x'.repeat(5000));
  const kept = await restoreDatabase(backup, at('mien.db'), now);
  expect(bootsIn(at('mien.db'))).toEqual(['old']);
  expect(readFileSync(kept!, 'utf8')).toBe('x'.repeat(5000));
});

test('beside a running daemon nothing is changed', async () => {
  const backup = await backupOf('old');
  write(at('mien.db'), 'new');
  const claim = claimFolder(folder.path);
  await expect(restoreDatabase(backup, at('mien.db'), now)).rejects.toMatchObject({
    code: exitCode.unavailable,
    message: `Another Mien is using the data folder ${folder.path}`,
  });
  claim.close();
  expect(bootsIn(at('mien.db'))).toEqual(['new']);
});

test.each([
  ['is not a database', (file: string) => writeFileSync(file, 'x'.repeat(5000)), /none \(file is not a database\)$/],
  ['has damaged pages', (file: string) => writeFileSync(file, readFileSync(file).fill(0xa5, 8192)), /none \(.+\)$/],
  ['is of another program', otherDatabase, /none \(it has no table boots, samples, visits\)$/],
])('a file that %s is refused, and nothing is changed', async (_what, spoil, message) => {
  const backup = await backupOf(...Array.from({ length: 500 }, (_, n) => `boot-${n}`));
  spoil(backup);
  write(at('mien.db'), 'new');
  await expect(restoreDatabase(backup, at('mien.db'), now)).rejects.toMatchObject({
    code: exitCode.badData,
    message: expect.stringMatching(message),
    remedy: 'Use another backup. Nothing was changed',
  });
  expect(bootsIn(at('mien.db'))).toEqual(['new']);
  expect(readdirSync(folder.path).filter((name) => /restoring|replaced/.test(name))).toEqual([]);
});

test('a missing file is named', async () => {
  await expect(restoreDatabase(at('none.db'), at('mien.db'), now)).rejects.toThrow(/Cannot read a database at .*none/);
  expect(existsSync(at('mien.db'))).toBe(false);
});

function otherDatabase(file: string): void {
  writeFileSync(file, '');
  const database = new Sqlite(file);
  database.exec('CREATE TABLE other (n)');
  database.close();
}
