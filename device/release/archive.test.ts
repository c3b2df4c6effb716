import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packFolder } from './archive.ts';

const base = mkdtempSync(join(tmpdir(), 'mien-archive-'));
const folder = join(base, 'mien-1.0.0');
mkdirSync(join(folder, 'b'), { recursive: true });
writeFileSync(join(folder, 'b/run'), '#!/bin/sh\n');
writeFileSync(join(folder, 'a'), 'a');
chmodSync(join(folder, 'b/run'), 0o700);

test('the same files give the same bytes: other times, order, modes and place', async () => {
  await packFolder(folder, join(base, 'one.tar.gz'), 1_764_500_000);
  const other = join(mkdtempSync(join(tmpdir(), 'mien-other-')), 'mien-1.0.0');
  mkdirSync(other);
  for (const name of ['b', 'a']) cpSync(join(folder, name), join(other, name), { recursive: true });
  chmodSync(join(other, 'b/run'), 0o755);
  chmodSync(join(other, 'a'), 0o600);
  utimesSync(join(other, 'a'), 1, 1);
  await packFolder(other, join(base, 'two.tar.gz'), 1_764_500_000);
  expect(readFileSync(join(base, 'two.tar.gz'))).toEqual(readFileSync(join(base, 'one.tar.gz')));
  await packFolder(other, join(base, 'three.tar.gz'), 1_764_500_001);
  expect(readFileSync(join(base, 'three.tar.gz'))).not.toEqual(readFileSync(join(base, 'one.tar.gz')));
});

test('files belong to root, are readable by all, and have the given time', async () => {
  const file = join(base, 'listed.tar.gz');
  await packFolder(folder, file, 1_764_500_000);
  const listed = execFileSync('tar', ['-tvzf', file, '--numeric-owner', '--full-time'], {
    encoding: 'utf8',
    env: { ...process.env, TZ: 'UTC', LC_ALL: 'C' },
  });
  expect(
    listed
      .trim()
      .split('\n')
      .map((line) => line.replace(/ +/g, ' ')),
  ).toEqual([
    'drwxr-xr-x 0/0 0 2025-11-30 10:53:20 mien-1.0.0/',
    '-rw-r--r-- 0/0 1 2025-11-30 10:53:20 mien-1.0.0/a',
    'drwxr-xr-x 0/0 0 2025-11-30 10:53:20 mien-1.0.0/b/',
    '-rwxr-xr-x 0/0 10 2025-11-30 10:53:20 mien-1.0.0/b/run',
  ]);
});

test('a folder that is not there is named, and leaves no archive', async () => {
  const file = join(base, 'none.tar.gz');
  await expect(packFolder(join(base, 'none'), file, 0)).rejects.toThrow(/none cannot be packed: /);
  expect([file, `${file}.part`].filter((each) => existsSync(each))).toEqual([]);
});
