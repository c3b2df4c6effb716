import { closeSync, existsSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { expect, test, vi } from 'vitest';
import { packageRoot } from '../../../core/paths.ts';
import { handClock, reading, START, stored, testStores, visit } from '../../../lab/fixtures/store.ts';
import { damagedFiles } from '../opening/damaged.ts';
import type { SqliteSinkDeps } from '../sqlite.ts';
import { findDamage } from './find-damage.ts';
import { readLastCheck, writeLastCheck } from './last-check.ts';

const { build, path } = testStores();
const built = (name: string) => new URL(`file://${join(packageRoot, 'device/dist/sinks/sqlite', name)}`);
const integrityEntry = built('integrity/integrity-main.js');
const salvageEntry = built('salvage/salvage-main.js');
const dayMs = 86_400_000;
const minuteMs = 60_000;

/** A store that checks five minutes after its start, with its own clock. */
async function boot(bootId: string, change: Partial<SqliteSinkDeps> = {}) {
  const clock = handClock();
  const store = build({ bootId, clock, integrityEntry, checkAfterMs: 5 * minuteMs, ...change });
  await store.sink.start();
  const pass = (ms: number) => {
    clock.pass(ms);
    vi.advanceTimersByTime(1000);
  };
  pass(0);
  return { ...store, clock, pass };
}

function lastCheckIn(file: string) {
  const database = new Sqlite(file, { readonly: true });
  const last = readLastCheck(database);
  database.close();
  return last;
}

/** A copy as after a power cut. Its log has samples, visits and an index of each. */
async function cutPower(): Promise<string> {
  const { sink, file, clock } = await boot('cut');
  for (let seq = 1; seq <= 300; seq += 1) {
    sink.onVisit?.(visit(seq));
    sink.onReading?.(reading(seq * 1000, 1, 2));
  }
  clock.pass(10_000);
  vi.advanceTimersByTime(2000);
  const copy = path('copy.db');
  const database = new Sqlite(file);
  database.prepare('VACUUM INTO ?').run(copy);
  database.close();
  await sink.stop();
  return copy;
}

/** Overwrites a page in the middle of the index: the daemon's own writes and reads do not see it. */
function spoilIndex(file: string): void {
  const database = new Sqlite(file);
  const page = database
    .prepare(
      "SELECT pageno FROM dbstat WHERE name = 'samples_ts' AND pagetype = 'leaf' ORDER BY pageno LIMIT 1 OFFSET 2",
    )
    .pluck()
    .get() as number;
  const size = database.pragma('page_size', { simple: true }) as number;
  database.close();
  const descriptor = openSync(file, 'r+');
  writeSync(descriptor, Buffer.alloc(size, 0xa5), 0, size, (page - 1) * size);
  closeSync(descriptor);
}

/** Lets the process of a check answer, and ticks until its result is written. */
async function untilNoted(tick: () => void, file: string): Promise<void> {
  const isNoted = () => {
    tick();
    expect(lastCheckIn(file).ranMs).toBeLessThan(minuteMs);
  };
  await vi.waitFor(isNoted, { timeout: 20_000, interval: 50 });
}

test('an end without a stop: the database is checked minutes after the next start, once', {
  timeout: 60_000,
}, async () => {
  const file = await cutPower();
  expect(lastCheckIn(file).isOpen).toBe(true);
  const { pass, sink } = await boot('next', { file });
  expect(lastCheckIn(file).ranMs).toBeGreaterThanOrEqual(7 * dayMs);
  pass(4 * minuteMs);
  // A second start before the check: it is still due.
  await sink.stop();
  expect(lastCheckIn(file).isOpen).toBe(false);
  expect(lastCheckIn(file).ranMs).toBeGreaterThanOrEqual(7 * dayMs);
  const again = await boot('third', { file });
  again.pass(5 * minuteMs);
  await untilNoted(() => again.pass(0), file);
  expect(lastCheckIn(file).checkedAt).toBe(again.clock.now());
  expect(again.lines.join()).not.toContain('check');
  expect(again.board.current.store).toEqual({ state: 'ok' });
});

test('damage that nobody reads is found: the database is set aside and salvaged, and logging goes on', {
  timeout: 60_000,
}, async () => {
  const file = await cutPower();
  spoilIndex(file);
  expect(findDamage(file)).toMatch(/samples_ts|btree|page|row/i);
  const next = await boot('next', { file, salvageEntry });
  next.sink.onVisit?.(visit(1, { id: 'next-1', bootId: 'next' }));
  expect(damagedFiles(file)).toEqual([]);
  next.pass(5 * minuteMs);
  vi.useRealTimers();
  await vi.waitFor(() => expect(next.board.current.store.code).toBe('store-damaged'), { timeout: 20_000, interval: 5 });
  expect(next.board.current.store.reason).toMatch(/is damaged \(the integrity check found: .*sets it aside/);
  await vi.waitFor(() => expect(next.board.current.store).toEqual({ state: 'ok' }), { timeout: 30_000 });
  expect(damagedFiles(file)).toHaveLength(1);
  expect(
    stored(file)
      .visits.map(({ id }) => id)
      .toSorted(),
  ).toEqual(['next-1', ...Array.from({ length: 300 }, (_, index) => `boot-${index + 1}`)].toSorted());
});

/** A program in place of the check, and how often it was started. */
function program(name: string, code: string) {
  const counter = path(`${name}.starts`);
  writeFileSync(
    path(`${name}.mjs`),
    `import { appendFileSync } from 'node:fs'; appendFileSync('${counter}', '.'); ${code}`,
  );
  return {
    integrityEntry: new URL(`file://${path(`${name}.mjs`)}`),
    starts: () => (existsSync(counter) ? readFileSync(counter).length : 0),
  };
}

const answer = "process.send({ kind: 'intact' }, () => process.disconnect());";

/** Writes when the last check was, as of a Mien that has stopped. */
async function checkedBefore(ranMs: number, checkedAt?: number): Promise<void> {
  const { sink, file } = await boot('before');
  await sink.stop();
  const database = new Sqlite(file);
  writeLastCheck(database, { isOpen: false, ranMs, checkedAt });
  database.close();
}

test('the week is running time: it goes on after a restart, and the wall clock alone starts no check', async () => {
  await checkedBefore(3 * dayMs);
  const { integrityEntry, starts } = program('intact', answer);
  const { clock, pass, file, lines } = await boot('first', { integrityEntry });
  clock.jump(3650 * dayMs);
  for (let hour = 0; hour < 4 * 24 - 1; hour += 1) pass(60 * minuteMs);
  expect(lastCheckIn(file).ranMs).toBeGreaterThan(6.9 * dayMs);
  pass(61 * minuteMs);
  await vi.waitFor(() => expect(starts()).toBe(1));
  await untilNoted(() => pass(0), file);
  expect(lastCheckIn(file).checkedAt).toBe(clock.now());
  // Whatever the clock does, the next check follows after a day of running at the earliest.
  clock.jump(7300 * dayMs);
  for (let hour = 0; hour < 23; hour += 1) pass(60 * minuteMs);
  expect(lastCheckIn(file).ranMs).toBeGreaterThan(22 * 60 * minuteMs);
  clock.jump(-14_600 * dayMs);
  for (let hour = 0; hour < 3; hour += 1) pass(60 * minuteMs);
  expect(lastCheckIn(file).ranMs).toBeGreaterThan(dayMs);
  expect(starts()).toBe(1);
  expect(lines.join()).not.toContain('check');
});

test('a device that is off at night is checked after a week of the clock', async () => {
  await checkedBefore(2 * dayMs, START - 8 * dayMs);
  const { integrityEntry, starts } = program('intact', answer);
  const { pass, file } = await boot('next', { integrityEntry });
  pass(4 * minuteMs);
  expect(starts()).toBe(0);
  pass(2 * minuteMs);
  await vi.waitFor(() => expect(starts()).toBe(1));
  await untilNoted(() => pass(0), file);
});

test('a check that fails says why, and the next try follows in an hour', async () => {
  await checkedBefore(7 * dayMs);
  const { integrityEntry, starts } = program('failing', '');
  const { pass, lines, board, file } = await boot('next', { integrityEntry });
  pass(6 * minuteMs);
  const warnings = () => lines.filter((line) => line.startsWith('the database was not checked')).length;
  await vi.waitFor(() => expect(warnings()).toBe(1));
  expect(lines.at(-1)).toBe('the database was not checked: its process has ended; the next try follows in an hour');
  for (let minute = 0; minute < 59; minute += 1) pass(minuteMs);
  pass(30_000);
  expect(starts()).toBe(1);
  pass(2 * minuteMs);
  await vi.waitFor(() => expect(warnings()).toBe(2));
  expect(board.current.store).toEqual({ state: 'ok' });
  expect(lastCheckIn(file).checkedAt).toBeUndefined();
});

test('a stop ends a check in progress, which is still due after it', { timeout: 30_000 }, async () => {
  await checkedBefore(7 * dayMs);
  const { integrityEntry, starts } = program('endless', 'setInterval(() => {}, 1000);');
  const { pass, sink, file } = await boot('next', { integrityEntry });
  pass(6 * minuteMs);
  vi.useRealTimers();
  await vi.waitFor(() => expect(starts()).toBe(1), { timeout: 10_000 });
  const startedAt = performance.now();
  await sink.stop();
  expect(performance.now() - startedAt).toBeLessThan(900);
  expect(existsSync(`${file}-wal`)).toBe(false);
  expect(lastCheckIn(file)).toMatchObject({ isOpen: false, checkedAt: undefined });
  expect(lastCheckIn(file).ranMs).toBeGreaterThanOrEqual(7 * dayMs);
});
