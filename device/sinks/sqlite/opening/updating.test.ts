import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import Sqlite from 'better-sqlite3';
import { describe, expect, test, vi } from 'vitest';
import { fillUp } from '../../../lab/fixtures/full-disk.ts';
import { writeOldStore } from '../../../lab/fixtures/old-store.ts';
import {
  backupEntry,
  everything,
  minute,
  reading,
  START,
  stored,
  storedRows,
  testStores,
  updated,
  visit,
  waitingVisits,
} from '../../../lab/fixtures/store.ts';
import { copyDatabase } from '../backup/copy.ts';
import { restoreDatabase } from '../backup/restore.ts';
import { schemaVersion, versionOf } from '../tables/schema.ts';

const { build, path, stopAll } = testStores();
/** A thread that never ends. */
const endless = new URL('data:text/javascript,setInterval(() => {}, 1000)');
const rows = 3000;

/** Names of the copies beside a database. */
const copies = (file: string) =>
  readdirSync(dirname(file))
    .filter((name) => name.includes('.before-'))
    .sort();

/** Version and content of a file that no daemon has open. */
function contentOf(file: string) {
  const database = new Sqlite(file, { readonly: true });
  try {
    const count = (table: string) => database.prepare(`SELECT count(*) FROM ${table}`).pluck().get() as number;
    const integrity = database.pragma('integrity_check', { simple: true });
    return { integrity, version: versionOf(database), samples: count('samples'), visits: count('visits') };
  } finally {
    database.close();
  }
}

const oldContent = (version: number, count = rows) => ({ integrity: 'ok', version, samples: count, visits: count });

test.each([2, 5, schemaVersion - 1])(
  'schema %d with data: it is copied, then updated, and what comes meanwhile is written after it',
  async (version) => {
    const { sink, board, lines, file } = build();
    writeOldStore(file, version, rows);
    await sink.start();
    const reason = `A copy of the database is made before its update from schema ${version} to ${schemaVersion}`;
    const shown = `${reason}. Rows wait in memory until then.`;
    expect(board.current.store).toMatchObject({ state: 'starting', reason: shown });
    expect(() => sink.summary(everything)).toThrow(reason);
    sink.onVisit?.(visit(1));
    sink.onReading?.(reading(0, 1));
    sink.onReading?.(reading(1500, 1));
    sink.onMinute?.(minute(1));
    // The outbox keeps its order: older visits are in the database.
    expect(sink.waiting(10)).toEqual([]);

    await updated({ board });
    expect(copies(file)).toEqual([`mien.db.before-${version}`]);
    const copy = path('data', copies(file)[0]!);
    expect(contentOf(copy)).toEqual(oldContent(version));
    expect(statSync(copy).mode & 0o777).toBe(0o600);
    expect(lines.join('\n')).toContain(`the database is copied to ${copy}; its update to schema ${schemaVersion}`);
    expect(board.current.store).toEqual({ state: 'ok' });
    expect(waitingVisits(sink, 10).map(({ id }) => id)).toEqual([`old-${rows - 1}`, `old-${rows}`, 'boot-1']);
    expect(storedRows(file, 'minutes')).toContainEqual(minute(1));
    await stopAll();
    expect(contentOf(file)).toMatchObject({ integrity: 'ok', version: schemaVersion, visits: rows + 1 });
    expect(stored(file).samples.filter(({ frames }) => frames === 3)).toHaveLength(rows);
    expect(stored(file).samples.length).toBeGreaterThan(rows);

    vi.useRealTimers();
    await restoreDatabase(copy, path('other', 'mien.db'), START);
    expect(contentOf(path('other', 'mien.db'))).toEqual(oldContent(version));
  },
);

test('a start without a missing migration makes no copy and waits for nothing', async () => {
  const first = build();
  writeOldStore(first.file, 5, 10);
  await first.sink.start();
  await updated(first);
  await first.sink.stop();
  const copy = path('data', 'mien.db.before-5');
  const { ino } = statSync(copy);
  const next = build({ bootId: 'next' });
  await next.sink.start();
  expect(next.board.current.store.state).toBe('ok');
  expect(copies(next.file)).toEqual([basename(copy)]);
  expect(statSync(copy).ino).toBe(ino);

  const fresh = build({ file: path('fresh', 'mien.db') });
  await fresh.sink.start();
  expect(fresh.board.current.store.state).toBe('ok');
  expect(copies(fresh.file)).toEqual([]);
});

test('kill -9 in the middle of the copy: the next start makes a complete one and deletes the rest', async () => {
  const { sink, board, file } = build();
  const many = 12_000;
  writeOldStore(file, 5, many);
  const left = `${file}.before-5.copying`;
  const copyModule = new URL('copy.js', backupEntry).href;
  const script = `const { copyDatabase } = await import(${JSON.stringify(copyModule)});
    await copyDatabase(${JSON.stringify(file)}, ${JSON.stringify(left)}, {
      keepFree: 0, onStep: (done) => done > 0 && process.kill(process.pid, 'SIGKILL') });`;
  const { signal } = spawnSync(process.execPath, ['--input-type=module', '-e', script]);
  expect(signal).toBe('SIGKILL');
  expect(existsSync(left)).toBe(true);
  // And a complete one of an earlier try that the update did not follow.
  writeFileSync(path('data', 'mien.db.before-5'), 'earlier');

  await sink.start();
  await updated({ board });
  expect(copies(file)).toEqual(['mien.db.before-5']);
  expect(contentOf(path('data', 'mien.db.before-5'))).toEqual(oldContent(5, many));
  await stopAll();
  expect(contentOf(file)).toMatchObject({ version: schemaVersion, visits: many });
});

test('the newest two copies are kept', async () => {
  const { sink, board, file } = build();
  writeOldStore(file, 5, 10);
  for (const version of [3, 4, 6]) writeFileSync(`${file}.before-${version}`, '');
  await sink.start();
  await updated({ board });
  expect(copies(file)).toEqual(['mien.db.before-5', 'mien.db.before-6']);
});

describe('a stop during the copy', () => {
  test('writes the rows in memory, without a copy where the update only adds', async () => {
    const { sink, lines, file } = build({ backupEntry: endless });
    writeOldStore(file, 5, 10);
    await sink.start();
    sink.onVisit?.(visit(1));
    const stopping = sink.stop();
    await vi.advanceTimersByTimeAsync(1000);
    await stopping;
    expect(lines.join('\n')).toMatch(/The database is updated to schema \d+ without a copy: .*nobody waits for it/);
    expect(copies(file)).toEqual([]);
    expect(contentOf(file)).toMatchObject({ version: schemaVersion, visits: 11 });
  });

  test('says what is lost where the update rewrites tables', async () => {
    const { sink, board, file } = build({ backupEntry: endless });
    writeOldStore(file, 2, 10);
    await sink.start();
    sink.onVisit?.(visit(1));
    const stopping = sink.stop();
    await vi.advanceTimersByTimeAsync(1000);
    await stopping;
    expect(board.current.store.reason).toMatch(/^stopped with 1 rows unwritten: /);
    expect(contentOf(file)).toEqual(oldContent(2, 10));
  });

  test('leaves the database as it is where nothing waits', async () => {
    const { sink, board, lines, file } = build({ backupEntry: endless });
    writeOldStore(file, 5, 10);
    await sink.start();
    await sink.stop();
    expect(board.current.store.state).toBe('starting');
    expect(lines.join('\n')).not.toMatch(/without a copy|unwritten/);
    expect(contentOf(file)).toEqual(oldContent(5, 10));
  });
});

describe('a disk that is too full for the copy', () => {
  /** Runs with a database on a disk of 4 MB, of which `left` bytes are free. */
  async function onSmallDisk(
    version: number,
    run: (disk: string, file: string) => Promise<void>,
    left = 400_000,
  ): Promise<boolean> {
    const disk = path('disk');
    mkdirSync(disk);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk], { stdio: 'pipe' });
    } catch {
      return false;
    }
    try {
      const file = join(disk, 'mien.db');
      writeOldStore(file, version, rows);
      const free = () =>
        Number(execFileSync('df', ['-B1', '--output=avail', disk], { encoding: 'utf8' }).split('\n')[1]);
      writeFileSync(join(disk, 'other'), Buffer.alloc(free() - left, 1));
      await run(disk, file);
    } finally {
      await stopAll();
      execFileSync('umount', [disk]);
    }
    return true;
  }
  const noRoot = 'mounting a small tmpfs needs root';

  test('an update that only adds runs without one, with a warning', async (context) => {
    const ran = await onSmallDisk(5, async (disk, file) => {
      const { sink, board, lines } = build({ file });
      await sink.start();
      await updated({ board });
      const warning = new RegExp(
        `^The database is updated to schema ${schemaVersion} without a copy: A copy of the database needs \\d MB free in ${disk}, got 1 MB. Free some space in ${disk}.$`,
      );
      expect(board.current.store.reason).toMatch(warning);
      expect(lines.filter((line) => warning.test(line))).toHaveLength(1);
      expect(copies(file)).toEqual([]);
      sink.onVisit?.(visit(1));
      expect(sink.visits(everything).rows).toHaveLength(rows + 1);
    });
    if (!ran) context.skip(noRoot);
  });

  test('without space for the update either, no try makes a copy again, and the warning comes after the update', async (context) => {
    const tries = path('tries');
    const script = `import { appendFileSync } from 'node:fs';
      import { parentPort } from 'node:worker_threads';
      appendFileSync(${JSON.stringify(tries)}, 'x');
      parentPort.postMessage({ code: 'disk-full', message: 'No space', remedy: '' });`;
    const run = async (disk: string, file: string) => {
      const { sink, board, lines } = build({ file, backupEntry: new URL(`data:text/javascript,${encodeURI(script)}`) });
      await sink.start();
      const isFull = { state: 'failing', code: 'disk-full' };
      await vi.waitFor(() => expect(board.current.store).toMatchObject(isFull));
      await vi.advanceTimersByTimeAsync(30_000);
      // The time in which a thread would start.
      await promisify(execFile)('sleep', ['0.5']);
      expect(board.current.store).toMatchObject(isFull);
      expect(readFileSync(tries, 'utf8')).toBe('x');
      const updates = () => lines.filter((line) => line.startsWith('The database is updated'));
      expect(updates()).toEqual([]);
      rmSync(join(disk, 'other'));
      await vi.advanceTimersByTimeAsync(30_000);
      await updated({ board });
      expect(updates()).toHaveLength(1);
      expect(sink.visits(everything).rows).toHaveLength(rows);
    };
    if (!(await onSmallDisk(5, run, 40_000))) context.skip(noRoot);
  });

  test('one that rewrites tables waits, and follows when there is space', async (context) => {
    const ran = await onSmallDisk(2, async (disk, file) => {
      const { sink, board } = build({ file });
      await sink.start();
      sink.onVisit?.(visit(1));
      await vi.waitFor(() => expect(board.current.store).toMatchObject({ state: 'failing', code: 'disk-full' }));
      expect(board.current.store.reason).toMatch(
        /^The update of the database to schema \d+ waits for a copy of it: A copy .* Free some space in .*disk\. Nothing is lost/,
      );
      await vi.waitFor(() => expect(board.current.store.pending).toBe(1));
      expect(contentOf(file)).toEqual(oldContent(2));
      rmSync(join(disk, 'other'));
      await updated({ board });
      expect(contentOf(join(disk, 'mien.db.before-2'))).toEqual(oldContent(2));
      expect(sink.visits(everything).rows).toHaveLength(rows + 1);
    });
    if (!ran) context.skip(noRoot);
  });

  test('a disk that fills up in the middle leaves no part of a copy', async (context) => {
    const ran = await onSmallDisk(5, async (disk, file) => {
      vi.useRealTimers();
      rmSync(join(disk, 'other'));
      const onStep = () => existsSync(join(disk, 'other')) || fillUp(join(disk, 'other'));
      const copying = copyDatabase(file, `${file}.before-5.copying`, { keepFree: 0, onStep });
      await expect(copying).rejects.toMatchObject({ storeCode: 'disk-full' });
      expect(copies(file)).toEqual([]);
    });
    if (!ran) context.skip(noRoot);
  });
});
