import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { handClock, keepDays, START, stored, testStores, visit } from '../../../lab/fixtures/store.ts';

const dayMs = 86_400_000;
const { build } = testStores();

/** A store that keeps visits for 5 days and everything else for longer. */
function fiveDays() {
  const clock = handClock();
  return { clock, ...build({ clock, keep: { ...keepDays(100), visitsDays: 5 } }) };
}

/** Writes a file beside the database; it is this old at START. */
function beside(file: string, end: string, days: number): string {
  const path = file + end;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(path, 'x');
  utimesSync(path, (START - days * dayMs) / 1000, (START - days * dayMs) / 1000);
  return path;
}

const namesBeside = (file: string) =>
  readdirSync(dirname(file))
    .filter((name) => name.startsWith(`${basename(file)}.`))
    .sort();

test('copies and former logs go when they are older than the period of visits, each with its write-ahead log', async () => {
  const { clock, sink, file, lines } = fiveDays();
  const old = ['.before-5', '.before-6.copying', '.damaged-2023-11-01T000000Z', '.damaged-2023-11-01T000000Z-2'];
  for (const end of [...old, '.replaced-2023-11-01T000000Z', '.restoring']) beside(file, end, 5.1);
  for (const end of ['-wal', '-shm']) beside(file, `.damaged-2023-11-01T000000Z${end}`, 5.1);
  beside(file, '.before-7', 3);
  // Its newest rows are in its write-ahead log.
  beside(file, '.damaged-2023-11-02T000000Z', 6);
  beside(file, '.damaged-2023-11-02T000000Z-wal', 4);
  await sink.start();
  vi.advanceTimersByTime(1000);
  expect(namesBeside(file)).toEqual([
    'mien.db.before-7',
    'mien.db.damaged-2023-11-02T000000Z',
    'mien.db.damaged-2023-11-02T000000Z-wal',
  ]);
  expect(lines.filter((line) => line.startsWith('deleted old copies of the log'))).toEqual([
    'deleted old copies of the log: mien.db.before-5, mien.db.before-6.copying, mien.db.damaged-2023-11-01T000000Z, mien.db.damaged-2023-11-01T000000Z-2, mien.db.replaced-2023-11-01T000000Z, mien.db.restoring',
  ]);
  passHours(25);
  expect(namesBeside(file)).toEqual(['mien.db.before-7']);
  passHours(24);
  expect(namesBeside(file)).toEqual([]);
  expect(lines.filter((line) => line.startsWith('deleted old copies of the log'))).toHaveLength(3);

  function passHours(hours: number): void {
    for (let passed = 0; passed < hours; passed += 1) {
      clock.pass(3_600_000);
      vi.advanceTimersByTime(2000);
    }
  }
});

test('the live log, a log that waits for its salvage, and files of others stay', async () => {
  const { sink, file } = fiveDays();
  const others = ['.mine', '.before-it-all', '2.before-5', '.damaged-2023-11-01T000000Z.salvaging-notes', '-copy'];
  for (const end of others) beside(file, end, 50);
  const copy = beside(file, '.before-5', 50);
  await sink.start();
  sink.onVisit?.(visit(1));
  for (const end of ['', '-wal', '-shm']) utimesSync(file + end, 1000, 1000);
  vi.advanceTimersByTime(2000);
  expect(existsSync(copy)).toBe(false);
  for (const end of ['', '-wal', '-shm', ...others]) expect(existsSync(file + end)).toBe(true);
  expect(stored(file).visits).toHaveLength(1);
});

test('a log that is not salvaged yet stays, whatever its age', async () => {
  const endless = new URL(`data:text/javascript,setInterval(() => {}, 1000)`);
  const clock = handClock();
  const { sink, file } = build({ clock, keep: keepDays(5), salvageEntry: endless });
  const waiting = beside(file, '.damaged-2023-11-01T000000Z.salvaging', 50);
  const salvaged = beside(file, '.damaged-2023-11-01T000000Z-2', 50);
  await sink.start();
  for (let hours = 0; hours < 30; hours += 1) {
    clock.pass(3_600_000);
    vi.advanceTimersByTime(2000);
  }
  expect(existsSync(waiting)).toBe(true);
  expect(existsSync(salvaged)).toBe(false);
});

test('with a clock that may be wrong no copy is deleted for a day of running', async () => {
  const first = fiveDays();
  await first.sink.start();
  first.sink.onVisit?.(visit(1));
  vi.advanceTimersByTime(2000);
  await first.sink.stop();
  const { sink, clock, file } = fiveDays();
  const copy = beside(file, '.before-5', 1);
  clock.jump(3650 * dayMs);
  await sink.start();
  for (let hours = 0; hours < 23; hours += 1) {
    vi.advanceTimersByTime(2000);
    expect(existsSync(copy)).toBe(true);
    clock.pass(3_600_000);
  }
  clock.pass(3_600_000);
  vi.advanceTimersByTime(2000);
  expect(existsSync(copy)).toBe(false);
});

test('a copy that cannot be deleted is a warning with a remedy, and the log works', async () => {
  const { sink, file, board, lines } = fiveDays();
  const folder = `${file}.before-5`;
  mkdirSync(join(folder, 'in-it'), { recursive: true });
  utimesSync(folder, 1000, 1000);
  await sink.start();
  vi.advanceTimersByTime(1000);
  expect(lines.filter((line) => line.startsWith('cannot delete'))).toEqual([
    expect.stringMatching(
      /^cannot delete old copies of the log \(.*before-5.*\); delete mien\.db\.before-\*, \.damaged-\* and \.replaced-\* older than 5 days$/,
    ),
  ]);
  expect(board.current.store).toEqual({ state: 'ok' });
});
