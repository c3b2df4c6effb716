import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { expect, test } from 'vitest';
import { exitCode } from '../../../core/errors.ts';
import { TestFolder } from '../../../lab/fixtures/scratch.ts';
import { backupEntry } from '../../../lab/fixtures/store.ts';
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

/** The database of a killed daemon: the newest of its rows is only in the write-ahead log. */
function writeKilled(file: string): void {
  mkdirSync(dirname(file), { recursive: true });
  const killed = `${file}-of-daemon`;
  write(killed, 'old', 'new');
  const daemon = openDatabase(killed);
  daemon.prepare("INSERT INTO boots (boot_id, started_at) VALUES ('newest', 0)").run();
  for (const end of ['', '-wal']) copyFileSync(killed + end, file + end);
  daemon.close();
  rmSync(killed);
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
  writeKilled(file);

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

test('a damaged database keeps its write-ahead log, and the new one has none', async () => {
  const backup = await backupOf('old');
  const file = at('mien.db');
  const wal = 'y'.repeat(5000);
  for (const [end, text] of [['', ''] as const, ['-wal', wal] as const]) writeFileSync(file + end, text);
  const kept = await restoreDatabase(backup, file, now);
  expect(readFileSync(`${kept}-wal`, 'utf8')).toBe(wal);
  expect(existsSync(`${file}-wal`)).toBe(false);
  expect(bootsIn(file)).toEqual(['old']);
});

test('a write-ahead log without its database is not read as that of the new one', async () => {
  const backup = await backupOf('old');
  const file = at('mien.db');
  writeKilled(file);
  rmSync(file);
  expect(await restoreDatabase(backup, file, now)).toBeUndefined();
  expect(bootsIn(file)).toEqual(['old']);
});

test('two restores in a second keep both databases', async () => {
  const backup = await backupOf('old');
  const file = at('mien.db');
  write(file, 'first');
  const first = await restoreDatabase(backup, file, now);
  const second = await restoreDatabase(backup, file, now);
  expect(bootsIn(first!)).toEqual(['first']);
  expect(second).toBe(`${first}-2`);
  expect(bootsIn(second!)).toEqual(['old']);
});

test('beside another program that has the database open nothing is changed', async () => {
  const backup = await backupOf('old');
  const file = at('mien.db');
  writeKilled(file);
  const other = new Sqlite(file);
  other.prepare('SELECT * FROM boots').all();
  await expect(restoreDatabase(backup, file, now)).rejects.toMatchObject({
    message: `Another program keeps the database ${file} locked`,
    remedy: 'Stop it, or set another dataDir.',
  });
  expect(other.prepare('SELECT boot_id FROM boots ORDER BY n').pluck().all()).toEqual(['old', 'new', 'newest']);
  other.close();
  expect(readdirSync(folder.path).filter((name) => /restoring|replaced/.test(name))).toEqual([]);
});

/** Restores in a process that is killed before its call number `step` that changes the disk. Returns whether it was killed. */
function killedRestore(backup: string, file: string, step: number, hasLinks: boolean): boolean {
  const script = `import fs from 'node:fs';
    import { syncBuiltinESMExports } from 'node:module';
    let left = ${step};
    const count = (call) => (...values) => (left-- === 0 ? process.kill(process.pid, 'SIGKILL') : call(...values));
    if (!${hasLinks}) fs.linkSync = () => { throw new Error('no links here') };
    for (const name of ['openSync', 'fsyncSync', 'rmSync', 'linkSync', 'copyFileSync', 'chownSync', 'renameSync'])
      fs[name] = count(fs[name]);
    syncBuiltinESMExports();
    const { restoreDatabase } = await import(${JSON.stringify(new URL('restore.js', backupEntry).href)});
    await restoreDatabase(${JSON.stringify(backup)}, ${JSON.stringify(file)}, ${now});`;
  const { signal, status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script]);
  if (signal !== 'SIGKILL') expect({ status, stderr: String(stderr) }).toEqual({ status: 0, stderr: '' });
  return signal === 'SIGKILL';
}

test.each([
  ['with', true],
  ['without', false],
])(
  'a kill before any step leaves the old or the new database, whole, on a file system %s hard links',
  { timeout: 60_000 },
  async (_name, hasLinks) => {
    const backup = await backupOf('old');
    const left: unknown[][] = [];
    for (let step = 0, isKilled = true; isKilled; step += 1) {
      const file = at(`${step}/mien.db`);
      writeKilled(file);
      isKilled = killedRestore(backup, file, step, hasLinks);
      const rows = bootsIn(file);
      openDatabase(file).close();
      expect(bootsIn(file)).toEqual(rows);
      left.push(rows);
      // The next restore is not disturbed by what the killed one left.
      const kept = await restoreDatabase(backup, file, now);
      expect(bootsIn(file)).toEqual(['old']);
      expect(bootsIn(kept!)).toEqual(rows);
    }
    const before = left.filter((rows) => rows.length === 3).length;
    const after = left.length - before;
    expect(before).toBeGreaterThan(5);
    // Killed after the last rename, and not killed at all.
    expect(after).toBeGreaterThan(1);
    const whole = [...Array(before).fill(['old', 'new', 'newest']), ...Array(after).fill(['old'])];
    expect(left).toEqual(whole);
  },
);

test('a kill before any step loses nothing of a damaged database', { timeout: 60_000 }, async () => {
  const backup = await backupOf('old');
  for (let step = 0, isKilled = true; isKilled; step += 1) {
    const file = at(`${step}/mien.db`);
    mkdirSync(dirname(file));
    const old = { '': 'x'.repeat(5000), '-wal': 'y'.repeat(5000) };
    for (const [end, text] of Object.entries(old)) writeFileSync(file + end, text);
    isKilled = killedRestore(backup, file, step, true);
    const kept = `${file}.replaced-2026-01-31T120000Z`;
    const isOld = readFileSync(file).length === 5000;
    if (!isOld) expect(bootsIn(file)).toEqual(['old']);
    const places = isOld && existsSync(`${file}-wal`) ? file : kept;
    for (const [end, text] of Object.entries(old)) expect(readFileSync(places + end, 'utf8')).toBe(text);
  }
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
