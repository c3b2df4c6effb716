import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { expect, test, vi } from 'vitest';
import { fillUp } from '../../../lab/fixtures/full-disk.ts';
import { acknowledge, reading, stored, testStores, visit, waitingVisits } from '../../../lab/fixtures/store.ts';
import { readStore } from '../sqlite.ts';
import { formatVersion } from '../tables/schema.ts';

const { build, path, stopAll } = testStores();

/** Names of the files that were set aside. */
const damaged = (file: string) => readdirSync(dirname(file)).filter((name) => name.startsWith('mien.db.damaged-'));

test('a full disk at the start: visits reach the outbox, and logging starts when there is space', {
  timeout: 60_000,
}, async (context) => {
  const disk = path('disk');
  mkdirSync(disk);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk], { stdio: 'pipe' });
  } catch {
    return context.skip('mounting a small tmpfs needs root');
  }
  try {
    const { sink, board, file } = build({ file: join(disk, 'mien.db') });
    fillUp(join(disk, 'other'));
    await sink.start();
    expect(board.current.store).toMatchObject({ state: 'failing', code: 'disk-full' });
    expect(board.current.store.reason).toMatch(/^The disk that holds .* is full\. Free some space there/);
    for (let seq = 1; seq <= 50; seq += 1) sink.onVisit?.(visit(seq));
    expect(waitingVisits(sink, 100)).toHaveLength(50);
    acknowledge(sink, 'boot-1');
    vi.advanceTimersByTime(60_000);
    expect(board.current.store).toMatchObject({ state: 'failing', pending: 51 });

    rmSync(join(disk, 'other'));
    vi.advanceTimersByTime(60_000);
    expect(board.current.store).toEqual({ state: 'ok' });
    const seqs = Array.from({ length: 50 }, (_, index) => index + 1);
    expect(stored(file).visits.map(({ seq }) => seq)).toEqual(seqs);
    expect(waitingVisits(sink, 100).map(({ seq }) => seq)).toEqual(seqs.slice(1));

    // The same while running.
    fillUp(join(disk, 'other'));
    for (let seq = 51; seq <= 200; seq += 1) sink.onVisit?.(visit(seq));
    expect(board.current.store).toMatchObject({ state: 'failing', code: 'disk-full' });
    rmSync(join(disk, 'other'));
    vi.advanceTimersByTime(60_000);
    expect(board.current.store).toEqual({ state: 'ok' });
    expect(stored(file).visits).toHaveLength(200);
  } finally {
    await stopAll();
    execFileSync('umount', [disk]);
  }
});

test('a folder that cannot be created is reported with a remedy, and created as soon as possible', async () => {
  writeFileSync(path('data'), '');
  const { sink, board, file } = build();
  await sink.start();
  expect(board.current.store).toMatchObject({ state: 'failing', code: 'store-unwritable' });
  expect(board.current.store.reason).toMatch(
    /^Cannot write the database .*mien\.db \(its folder is a file\)\. Check that .*MIEN_DATA_DIR/,
  );
  sink.onVisit?.(visit(1));
  rmSync(path('data'));
  vi.advanceTimersByTime(1000);
  expect(board.current.store).toEqual({ state: 'ok' });
  expect(stored(file).visits).toEqual([visit(1)]);
});

test('so is a folder in a file system that does not allow one', async (context) => {
  if (!existsSync('/proc')) return context.skip('/proc is needed');
  const { sink, board } = build({ file: '/proc/none/data/mien.db' });
  await sink.start();
  expect(board.current.store).toMatchObject({ state: 'failing', code: 'store-unwritable' });
});

test('a file that is not a database is set aside unchanged, and logging starts', async () => {
  const { sink, board, file, lines } = build();
  mkdirSync(dirname(file));
  const text = 'this is a shopping list, not a database\n'.repeat(100);
  writeFileSync(file, text);
  await sink.start();
  expect(board.current.store.state).toBe('ok');
  const [name] = damaged(file);
  expect(readFileSync(path('data', name!), 'utf8')).toBe(text);
  expect(lines[0]).toMatch(/^the database was damaged \(Expected an SQLite database, but .* is not one/);
  sink.onVisit?.(visit(1));
  expect(stored(file).visits).toEqual([visit(1)]);
});

/** Kinds of damage to the file of a stopped daemon. */
const damages: Readonly<Record<string, (file: string, bytes: Buffer) => void>> = {
  'cut in half': (file, bytes) => truncateSync(file, bytes.length / 2),
  'first page overwritten': (file, bytes) => writeFileSync(file, bytes.fill(0xa5, 0, 4096)),
  'schema overwritten, header left': (file, bytes) => writeFileSync(file, bytes.fill(0xa5, 100, 4096)),
};

test.each(Object.entries(damages))(
  'a damaged database (%s) is set aside and replaced by a new one',
  async (_name, spoil) => {
    const first = build();
    await first.sink.start();
    for (let seq = 1; seq <= 100; seq += 1) first.sink.onVisit?.(visit(seq));
    await first.sink.stop();
    spoil(first.file, readFileSync(first.file));
    const spoilt = readFileSync(first.file);

    const { sink, board, file } = build({ bootId: 'next' });
    await sink.start();
    expect(board.current.store.state).toBe('ok');
    expect(damaged(file)).toHaveLength(1);
    expect(readFileSync(path('data', damaged(file)[0]!)).equals(spoilt)).toBe(true);
    sink.onVisit?.(visit(1, { id: 'next-1', bootId: 'next' }));
    expect(stored(file).visits.map(({ id }) => id)).toContain('next-1');
  },
);

test('a database without one of its tables counts as damaged', async () => {
  const { sink, file } = build();
  await sink.start();
  await sink.stop();
  const database = new Sqlite(file);
  database.exec('DROP TABLE visits');
  database.close();
  const next = build();
  await next.sink.start();
  expect(next.board.current.store.state).toBe('ok');
  expect(damaged(file)).toHaveLength(1);
});

test('a database emptied beside its write-ahead log is set aside with it: SQLite would delete the log', async () => {
  const { sink, file } = build();
  mkdirSync(dirname(file));
  writeFileSync(file, '');
  writeFileSync(`${file}-wal`, 'rows');
  await sink.start();
  const names = damaged(file);
  expect(names.map((name) => name.replace(/.*(\.salvaging|Z)/, ''))).toEqual(['', '-wal']);
  expect(readFileSync(path('data', names[1]!), 'utf8')).toBe('rows');
});

test('damage in the middle that is met while running: nothing that comes meanwhile is lost', async () => {
  const { sink, board, file } = build();
  await sink.start();
  for (let seq = 1; seq <= 100; seq += 1) sink.onVisit?.(visit(seq));
  overwriteFrom(file, 4096);
  expect(waitingVisits(sink, 1000)).toEqual([]);
  expect(board.current.store).toMatchObject({ state: 'failing', code: 'store-damaged' });
  expect(board.current.store.reason).toMatch(/^The database .* is damaged .* sets it aside .* rows wait in memory\.$/);
  sink.onVisit?.(visit(101));
  expect(waitingVisits(sink, 1000)).toEqual([visit(101)]);
  vi.advanceTimersByTime(1000);
  expect(board.current.store.state).toBe('ok');
  expect(damaged(file)).not.toEqual([]);
  expect(stored(file).visits.map(({ id }) => id)).toContain('boot-101');
});

/** Overwrites every page beyond `offset`. A write by another connection makes SQLite drop its cache. */
function overwriteFrom(file: string, offset: number): void {
  const other = new Sqlite(file);
  other.pragma('wal_checkpoint(TRUNCATE)');
  other.exec("INSERT INTO boots (boot_id, started_at) VALUES ('other', 0)");
  other.pragma('wal_checkpoint(TRUNCATE)');
  other.close();
  writeFileSync(file, readFileSync(file).fill(0xa5, offset));
}

test('damage reported by another reader counts only for the file with its inode', async () => {
  const { sink, board, file } = build();
  await sink.start();
  sink.reportDamage(1, 'of a file that was set aside long ago');
  expect(board.current.store.state).toBe('ok');
  sink.reportDamage(statSync(file).ino, 'a page is gone');
  expect(board.current.store).toMatchObject({ state: 'failing', code: 'store-damaged' });
  vi.advanceTimersByTime(1000);
  expect(board.current.store.state).toBe('ok');
  // Its write-ahead log stays beside it: the salvage verifies it, and SQLite at a close does not.
  expect(damaged(file).map((name) => name.replace(/.*\.salvaging/, ''))).toEqual(['', '-shm', '-wal']);
});

test('damaged files are never overwritten, and ten of them are reported as a failing disk', async () => {
  const { sink, board, file } = build();
  mkdirSync(dirname(file));
  // The clock stands still, so all files get the same date.
  for (let count = 1; count <= 10; count += 1) {
    writeFileSync(file, `not a database, number ${count}\n`.repeat(200));
    const each = build();
    await each.sink.start();
    await each.sink.stop();
    expect(damaged(file).filter((name) => !/-(wal|shm)$/.test(name))).toHaveLength(count);
  }
  writeFileSync(file, 'not a database, number 11\n'.repeat(200));
  await sink.start();
  expect(board.current.store).toMatchObject({ state: 'failing', code: 'store-damaged' });
  expect(board.current.store.reason).toMatch(/The disk seems to fail: replace it/);
  expect(readFileSync(file, 'utf8')).toMatch(/number 11/);
});

test('a database of a newer version is not changed by a byte', async () => {
  const { sink, board, file } = build();
  mkdirSync(dirname(file));
  const database = new Sqlite(file);
  database.exec('CREATE TABLE later (n INTEGER)');
  database.pragma(`user_version = ${formatVersion + 1}`);
  database.close();
  const before = readFileSync(file);
  await sink.start();
  expect(board.current.store).toMatchObject({ state: 'failing', code: 'store-newer' });
  expect(board.current.store.reason).toMatch(
    new RegExp(
      `${file} was written by a newer Mien \\(schema ${formatVersion + 1}, this one knows ${formatVersion}\\). Update`,
    ),
  );
  expect(() => readStore(file)).toThrow(/newer Mien/);
  sink.onReading?.(reading(0, 1));
  vi.advanceTimersByTime(60_000);
  await sink.stop();
  expect(readFileSync(file).equals(before)).toBe(true);
  expect(damaged(file)).toEqual([]);
});

test('a damaged lock file does not count as another Mien', async () => {
  const { sink, board, file } = build();
  mkdirSync(dirname(file));
  writeFileSync(path('data', 'mien.lock'), 'somebody was here\n'.repeat(100));
  await sink.start();
  expect(board.current.store.state).toBe('ok');
});
