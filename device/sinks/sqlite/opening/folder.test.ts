import { chmodSync, existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scratchFolder } from '../../../lab/fixtures/scratch.ts';
import { claimFolder } from './claim.ts';
import { openDatabase } from './database.ts';

const scratch = scratchFolder();
const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

test('a new data folder is for its user alone, and so is each file in it', () => {
  const folder = join(scratch, 'new', 'data');
  const database = openDatabase(join(folder, 'mien.db'));
  expect(modeOf(folder)).toBe('700');
  for (const name of ['mien.db', 'mien.db-wal', 'mien.db-shm']) expect(modeOf(join(folder, name))).toBe('600');
  database.close();
});

test('a database of an older version is closed to others; a group that an operator gave it to keeps it', () => {
  const folder = join(scratch, 'old');
  mkdirSync(folder);
  const file = join(folder, 'mien.db');
  writeFileSync(file, '');
  chmodSync(file, 0o664);
  openDatabase(file).close();
  expect(modeOf(file)).toBe('660');
  expect(modeOf(folder)).toBe('755');
});

test('a folder whose lock file was deleted is still taken', () => {
  const folder = join(scratch, 'locked');
  mkdirSync(folder);
  const claim = claimFolder(folder);
  expect(() => claimFolder(folder)).toThrow('Another Mien is using the data folder');
  rmSync(join(folder, 'mien.lock'));
  expect(() => claimFolder(folder)).toThrow('Another Mien is using the data folder');
  expect(existsSync(join(folder, 'mien.lock'))).toBe(false);
  claim.close();
  claimFolder(folder).close();
});
