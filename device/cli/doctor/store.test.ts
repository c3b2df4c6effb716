import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { expect, test } from 'vitest';
import { scratchFolder } from '../../lab/fixtures/scratch.ts';
import { writeLastCheck } from '../../sinks/sqlite/integrity/last-check.ts';
import { openDatabase } from '../../sinks/sqlite/opening/database.ts';
import { checkStore } from './store.ts';

const scratch = scratchFolder();

function withDatabase(name: string): { dataDir: string; file: string } {
  const dataDir = join(scratch, name);
  mkdirSync(dataDir);
  const file = join(dataDir, 'mien.db');
  openDatabase(file).close();
  return { dataDir, file };
}

test('a readable database is ok, and so is none yet', () => {
  expect(checkStore(join(scratch, 'none'))).toMatchObject([{ state: 'ok' }]);
  expect(checkStore(withDatabase('fine').dataDir)).toMatchObject([
    { part: 'log', state: 'ok' },
    { state: 'ok', detail: 'last integrity check: none yet' },
  ]);
});

test('the last integrity check is told, and a warning follows where it did not succeed for long', () => {
  const { dataDir, file } = withDatabase('checked');
  const write = (ranDays: number) => {
    const database = new Sqlite(file);
    writeLastCheck(database, { isOpen: false, ranMs: ranDays * 86_400_000, checkedAt: 1_700_000_000_000 });
    database.close();
  };
  write(8);
  expect(checkStore(dataDir)[1]).toMatchObject({
    state: 'ok',
    detail: 'last integrity check: 2023-11-14, no damage',
  });
  write(15);
  expect(checkStore(dataDir)[1]).toMatchObject({
    state: 'warn',
    detail: 'no integrity check in 15 days of running (last one: 2023-11-14, no damage)',
    remedy: expect.stringContaining('check the disk'),
  });
});

test('a damaged database fails, and is not changed', () => {
  const { dataDir, file } = withDatabase('damaged');
  writeFileSync(file, readFileSync(file).fill(0xa5, 0, 4096));
  const before = readFileSync(file);
  expect(checkStore(dataDir)).toMatchObject([
    { state: 'fail', detail: `${file} is damaged`, remedy: expect.stringContaining('recovers the readable rows') },
  ]);
  expect(readFileSync(file).equals(before)).toBe(true);
});

test('damage in the newest rows is detected too', () => {
  const { dataDir, file } = withDatabase('rows');
  const database = new Sqlite(file);
  const root = database.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'visits'").pluck().get() as number;
  const pageSize = database.pragma('page_size', { simple: true }) as number;
  database.close();
  writeFileSync(file, readFileSync(file).fill(0xa5, (root - 1) * pageSize, root * pageSize));
  expect(checkStore(dataDir)).toMatchObject([{ state: 'fail', detail: `${file} is damaged` }]);
});

test('a newer version fails with its remedy; an older version is a warning', () => {
  const { dataDir, file } = withDatabase('newer');
  const setVersion = (version: number) => {
    const database = new Sqlite(file);
    database.pragma(`user_version = ${version}`);
    database.exec('DELETE FROM added_migrations');
    database.close();
  };
  setVersion(99);
  expect(checkStore(dataDir)).toMatchObject([{ state: 'fail', remedy: expect.stringContaining('Update Mien') }]);
  setVersion(1);
  expect(checkStore(dataDir)).toMatchObject([{ state: 'warn', remedy: expect.stringContaining('mien run') }]);
});

test('copies from before updates are listed', () => {
  const { dataDir, file } = withDatabase('updated');
  for (const name of ['before-5', 'before-7.copying', 'before-6']) writeFileSync(`${file}.${name}`, '');
  const detail = 'copies from before an update: mien.db.before-6, mien.db.before-5 (mien restore FILE)';
  expect(checkStore(dataDir)).toMatchObject([{ state: 'ok' }, { state: 'ok', detail }]);
});

test('files that were set aside are listed', () => {
  const { dataDir, file } = withDatabase('aside');
  writeFileSync(`${file}.damaged-2026-11-30T083512Z`, '');
  writeFileSync(`${file}.damaged-2026-11-30T083512Z-wal`, '');
  expect(checkStore(dataDir)).toMatchObject([
    { state: 'ok' },
    { state: 'ok' },
    { state: 'warn', detail: 'set aside as damaged: mien.db.damaged-2026-11-30T083512Z' },
  ]);
});
