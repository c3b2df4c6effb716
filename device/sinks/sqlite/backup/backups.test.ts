import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { exitCode } from '../../../core/errors.ts';
import { TestFolder } from '../../../lab/fixtures/scratch.ts';
import { backupEntry as entry } from '../../../lab/fixtures/store.ts';
import { openDatabase } from '../opening/database.ts';
import { type Backup, Backups } from './backups.ts';
import { copyDatabase } from './copy.ts';
import { restoreDatabase } from './restore.ts';

const folder = new TestFolder();
const { signal } = new AbortController();
let file = '';
let daemon: Sqlite.Database;

/** A database of about 8 MB, open in a writer as in a daemon. */
beforeEach(() => {
  file = join(folder.path, 'mien.db');
  daemon = openDatabase(file);
  writeBoots(0, 4000);
});
afterEach(() => {
  daemon.close();
});

function writeBoots(from: number, count: number): void {
  const insert = daemon.prepare('INSERT INTO boots (boot_id, started_at) VALUES (?, 0)');
  daemon.transaction(() => {
    for (let n = from; n < from + count; n += 1) insert.run(`${n}-${'x'.repeat(2000)}`);
  })();
}

/** The number of rows in an intact copy. */
function rowsIn(copy: string): number {
  const database = new Sqlite(copy, { readonly: true });
  try {
    expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
    return database.prepare('SELECT count(*) FROM boots').pluck().get() as number;
  } finally {
    database.close();
  }
}

async function bytesOf(backup: Backup): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for (let piece = await backup.next(); piece; piece = await backup.next()) pieces.push(piece);
  return Buffer.concat(pieces);
}

describe('a copy', () => {
  test('is the state of one moment, also with rows that are only in the write-ahead log and rows written meanwhile', async () => {
    const to = join(folder.path, 'copy.db');
    let steps = 0;
    const onStep = () => {
      steps += 1;
      writeBoots(10_000 * steps, 1);
    };
    await copyDatabase(file, to, { keepFree: 0, onStep });
    expect(steps).toBeGreaterThan(3);
    expect(rowsIn(to)).toBe(4000);
    expect(statSync(to).mode & 0o777).toBe(0o600);
    expect(daemon.prepare('SELECT count(*) FROM boots').pluck().get()).toBe(4000 + steps);
  });

  test('is read and restored from a disk that is read-only', async (context) => {
    const disk = join(folder.path, 'disk');
    const restored = join(folder.path, 'new', 'mien.db');
    mkdirSync(disk);
    try {
      execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', disk], { stdio: 'pipe' });
    } catch {
      context.skip('mounting a tmpfs needs root');
    }
    try {
      const copy = join(disk, 'copy.db');
      await copyDatabase(file, copy, { keepFree: 0 });
      execFileSync('mount', ['-o', 'remount,ro', disk]);
      expect(rowsIn(copy)).toBe(4000);
      await restoreDatabase(copy, restored, 0);
    } finally {
      execFileSync('umount', [disk]);
    }
    const next = openDatabase(restored);
    expect(next.pragma('journal_mode', { simple: true })).toBe('wal');
    next.close();
    expect(rowsIn(restored)).toBe(4000);
  });

  test('that is ended leaves no file', async () => {
    const to = join(folder.path, 'copy.db');
    const onStep = () => {
      throw new Error('enough');
    };
    await expect(copyDatabase(file, to, { keepFree: 0, onStep })).rejects.toThrow(`Cannot write ${to} (enough)`);
    expect(readdirSync(folder.path).filter((name) => name.startsWith('copy'))).toEqual([]);
  });

  test('into a folder that is not there says what to check', async () => {
    const to = join(folder.path, 'none', 'copy.db');
    await expect(copyDatabase(file, to, { keepFree: 0 })).rejects.toMatchObject({
      message: expect.stringMatching(/^Cannot write .*copy\.db \(ENOENT/),
      remedy: 'Check the folder, its permissions and the free space.',
    });
  });

  test('of a damaged database says so, with its remedy', async () => {
    const damaged = folder.write('damaged.db', 'x'.repeat(5000));
    await expect(copyDatabase(damaged, join(folder.path, 'copy.db'), { keepFree: 0 })).rejects.toMatchObject({
      message: `Expected an SQLite database, but ${damaged} is not one`,
    });
  });

  test('without enough space says what it needs', async () => {
    const to = join(folder.path, 'copy.db');
    await expect(copyDatabase(file, to, { keepFree: 1 })).rejects.toMatchObject({
      code: exitCode.cannotWrite,
      message: expect.stringMatching(/^A copy of the database needs \d+ MB free in .*, got \d+ MB$/),
      remedy: 'Free some space there, or write the copy to another disk: mien backup FILE',
    });
    expect(existsSync(to)).toBe(false);
  });

  test('does not overwrite a file', async () => {
    const to = folder.write('copy.db', 'mine');
    await expect(copyDatabase(file, to, { keepFree: 0 })).rejects.toMatchObject({
      message: `Expected a new file, but ${to} exists`,
      remedy: 'Name another file, or delete this one.',
    });
    expect(readFileSync(to, 'utf8')).toBe('mine');
  });
});

describe('backups of a daemon', () => {
  const copies = () => readdirSync(folder.path).filter((name) => name.includes('.backup-'));

  test('are complete, and their file has no name any more when the first piece is read', async () => {
    const backup = await new Backups({ file, entry }).make(signal);
    expect(copies()).toEqual([]);
    const bytes = await bytesOf(backup);
    expect(bytes.length).toBe(backup.size);
    const to = join(folder.path, 'downloaded.db');
    writeFileSync(to, bytes);
    expect(rowsIn(to)).toBe(4000);
  });

  test('end when the client leaves, or the daemon', async () => {
    const backups = new Backups({ file, entry });
    const leaving = new AbortController();
    const left = backups.make(leaving.signal);
    leaving.abort();
    await expect(left).rejects.toThrow('The database was not copied: nobody waits for it');
    const open = backups.make(signal);
    backups.stop();
    await expect(open).rejects.toThrow('nobody waits for it');
    expect(copies()).toEqual([]);
  });

  test('a closed one is not read further', async () => {
    const backup = await new Backups({ file, entry }).make(signal);
    await backup.next();
    backup.close();
    backup.close();
    await expect(backup.next()).rejects.toThrow(/closed/);
  });

  test('without a database have the fault and its remedy', async () => {
    const missing = new Backups({ file: join(folder.path, 'none.db'), entry }).make(signal);
    await expect(missing).rejects.toMatchObject({
      message: expect.stringContaining('Cannot read a database at'),
      remedy: 'Check dataDir; Mien creates the database at its first start.',
    });
  });

  test('the start deletes copies that a power cut left, and nothing else', () => {
    const operators = ['mien.db.backup-2026-01-31', 'mien.db.backup-20260131120', 'other.db.backup-0123456789ab'];
    for (const name of ['mien.db.backup-0123456789ab', 'mien.db.backup-0123456789ab-journal', ...operators])
      folder.write(name);
    new Backups({ file, entry }).start();
    expect(copies().sort()).toEqual(operators);
    new Backups({ file: join(folder.path, 'none', 'mien.db') }).start();
  });
});
