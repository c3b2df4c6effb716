import { readdirSync, readlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { scratchFolder } from '../../../lab/fixtures/scratch.ts';
import { openDatabase } from './database.ts';

test('what SQLite cannot sort in memory lies beside the database, not in a folder that all users share', () => {
  const file = join(scratchFolder(), 'mien.db');
  const database = openDatabase(file);
  // More than fits into the cache of a temporary table.
  const numbers = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 6000) SELECT i FROM n';
  database.exec(`CREATE TEMP TABLE rows AS SELECT randomblob(4000) FROM (${numbers})`);
  const temporary = openFiles().filter((path) => /etilqs_/.test(path));
  expect(temporary).not.toEqual([]);
  for (const path of temporary) expect(dirname(path)).toBe(dirname(file));
  database.close();
});

function openFiles(): string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`)];
    } catch {
      return []; // Closed since the folder was read.
    }
  });
}
