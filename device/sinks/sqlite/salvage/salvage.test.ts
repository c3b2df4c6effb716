import { cpSync, existsSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Sqlite from 'better-sqlite3';
import { expect, test, vi } from 'vitest';
import { packageRoot } from '../../../core/paths.ts';
import { idOf } from '../../../core/store.ts';
import {
  acknowledge,
  everything,
  minute,
  reading,
  START,
  stored,
  storedRows,
  testStores,
  visit,
  waitingVisits,
} from '../../../lab/fixtures/store.ts';
import { readStore } from '../history/reader.ts';
import { damagedFiles } from '../opening/damaged.ts';
import { openDatabase } from '../opening/database.ts';
import { salvage } from './salvage.ts';

const { build, path } = testStores();
const salvageEntry = new URL(`file://${join(packageRoot, 'device/dist/sinks/sqlite/salvage/salvage-main.js')}`);
const count = 800;
const publishedCount = 700;

/** A log with visits (the first ones are published), a sample per second, and a stay in progress. */
async function makeLog(): Promise<string> {
  const { sink, file } = build({ bootId: 'old' });
  await sink.start();
  for (let seq = 1; seq <= count; seq += 1) {
    sink.onVisit?.(visit(seq, { id: `old-${seq}`, bootId: 'old', ...(seq === 7 && { cut: true }) }));
    if (seq <= publishedCount) acknowledge(sink, `old-${seq}`);
    sink.onReading?.(reading(seq * 1000, 1, 2));
    vi.advanceTimersByTime(1000);
  }
  sink.onStays?.([visit(count + 1, { id: `old-${count + 1}`, bootId: 'old', track: 77 })]);
  return file;
}

/** A copy of the database and its write-ahead log, as after a power cut. */
function cutPower(file: string): string {
  const copy = path('copy.db');
  for (const end of ['', '-wal']) if (existsSync(file + end)) cpSync(file + end, copy + end);
  return copy;
}

function checkpoint(file: string): void {
  const other = new Sqlite(file);
  other.pragma('wal_checkpoint(TRUNCATE)');
  other.close();
}

/** The new database after a salvage from `file`; its earlier rows stay. */
function salvaged(file: string, into = path('new.db')) {
  const database = openDatabase(into);
  const pieces = salvage(file, database, 'new');
  let result = pieces.next();
  while (!result.done) result = pieces.next();
  const unpublished = database.prepare('SELECT id FROM visits WHERE published_at IS NULL ORDER BY n').pluck().all();
  database.close();
  return { ...stored(into), counts: result.value, unpublished: unpublished as string[], into };
}

test.each(['in its write-ahead log', 'in the file'])(
  'every row is salvaged unchanged, with all rows %s',
  async (where) => {
    const file = await makeLog();
    if (where === 'in the file') checkpoint(file);
    const before = stored(file);
    const after = salvaged(cutPower(file));
    expect(after.samples).toEqual(before.samples);
    expect(after.visits.slice(0, count)).toEqual(before.visits);
    expect(after.visits.slice(count)).toMatchObject([{ id: `old-${count + 1}`, track: 77, cut: true }]);
    expect(after.counts).toEqual({ samples: before.samples.length, visits: count, minutes: 0 });
    // Published visits stay published, the others stay in the outbox.
    expect(after.unpublished).toEqual(
      before.visits
        .slice(publishedCount)
        .map(({ id }) => id)
        .concat(`old-${count + 1}`),
    );
    // A second salvage adds nothing.
    expect(salvaged(path('copy.db')).visits).toEqual(after.visits);
    expect(stored(after.into).samples).toEqual(after.samples);
  },
);

test.each([
  ['the first page overwritten', (bytes: Buffer) => bytes.fill(0xa5, 0, 1024), 1, 1],
  ['the list of labels and the boots lost', (bytes: Buffer) => bytes.fill(0xa5, 1024, 5 * 1024), 1, 1],
  ['the second half gone', (bytes: Buffer) => bytes.subarray(0, bytes.length / 2), 0.25, 0.25],
  ['the middle overwritten', (bytes: Buffer) => bytes.fill(0xa5, bytes.length >> 2, bytes.length >> 1), 0.5, 0.5],
  ['every fifth page full of zeros', (bytes: Buffer) => eachFifthPage(bytes), 0.5, 0.5],
])('%s: the other rows are salvaged', async (_name, spoil, minVisits, minSamples) => {
  const file = await makeLog();
  checkpoint(file);
  const before = stored(file);
  const copy = cutPower(file);
  writeFileSync(copy, spoil(readFileSync(copy)));
  const after = salvaged(copy);
  const ids = new Map(before.visits.map((each) => [each.id, each]));
  const known = after.visits.filter(({ id }) => ids.has(id));
  expect(known.length).toBeGreaterThanOrEqual(count * minVisits);
  for (const each of known) expect(each).toEqual(ids.get(each.id));
  expect(after.samples.length).toBeGreaterThanOrEqual(before.samples.length * minSamples);
  const all = new Set(before.samples.map((sample) => JSON.stringify(sample)));
  for (const sample of after.samples) expect(all).toContain(JSON.stringify(sample));
  for (const id of after.unpublished) expect(Number(id.split('-')[1])).toBeGreaterThan(publishedCount);
});

function eachFifthPage(bytes: Buffer): Buffer {
  for (let page = 4; page * 1024 < bytes.length; page += 5) bytes.fill(0, page * 1024, (page + 1) * 1024);
  return bytes;
}

test('random bytes give no rows', () => {
  const noise = path('noise.db');
  const bytes = Buffer.alloc(400_000);
  for (let at = 0, seed = 1; at < bytes.length; at += 1) {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    bytes[at] = seed >> 16;
  }
  // Mark each page as one with rows.
  for (let page = 0; page * 1024 < bytes.length; page += 1) bytes[page * 1024] = 13;
  writeFileSync(noise, bytes);
  expect(salvaged(noise)).toMatchObject({ samples: [], visits: [], counts: { samples: 0, visits: 0 } });
});

test('a write-ahead log counts up to its last complete commit', async () => {
  const file = await makeLog();
  const copy = cutPower(file);
  truncateSync(`${copy}-wal`, statSync(`${copy}-wal`).size - 10_000);
  const { visits } = salvaged(copy);
  expect(visits.length).toBeGreaterThan(publishedCount);
  expect(visits.slice(0, publishedCount).map(({ seq }) => seq)).toEqual(
    Array.from({ length: publishedCount }, (_, index) => index + 1),
  );
});

test('logging goes on in the new database while the thread copies the old one into it', {
  timeout: 60_000,
}, async () => {
  const file = await makeLog();
  const copy = cutPower(file);
  checkpoint(copy);
  writeFileSync(copy, readFileSync(copy).fill(0xa5, 0, 4096));
  vi.useRealTimers();
  const next = build({ bootId: 'next', file: copy, salvageEntry });
  await next.sink.start();
  expect(next.board.current.store).toMatchObject({ state: 'ok', code: 'store-salvaging' });
  expect(next.board.current.store.reason).toMatch(/^The database was damaged and is set aside as copy\.db\.damaged-/);
  next.sink.onVisit?.(visit(1, { id: 'next-1', bootId: 'next', startedAt: START - 1 }));
  await vi.waitFor(() => expect(next.board.current.store).toEqual({ state: 'ok' }), { timeout: 30_000 });
  const { samples, visits } = stored(copy);
  expect(visits.map(({ id }) => id)).toEqual([
    'next-1',
    ...Array.from({ length: count + 1 }, (_, n) => `old-${n + 1}`),
  ]);
  expect(samples.length).toBeGreaterThan(count);
  // Salvaged visits come first, in their order, and published ones stay published.
  const waiting = waitingVisits(next.sink, 1000).map(({ id }) => id);
  expect(waiting[0]).toBe(`old-${publishedCount + 1}`);
  expect(waiting.slice(99).toSorted()).toEqual(['next-1', `old-${count}`, `old-${count + 1}`]);
  expect(damagedFiles(copy).map((name) => name.replace(/.*damaged-[-\dTZ]+/, ''))).toEqual(['']);
  expect(next.lines.join()).toMatch(/salvaged \d+ samples, 800 visits and 0 minutes; the damaged file is kept as /);
});

test('a failed salvage waits, and a restart continues it', { timeout: 60_000 }, async () => {
  const file = await makeLog();
  const copy = cutPower(file);
  checkpoint(copy);
  writeFileSync(copy, readFileSync(copy).fill(0xa5, 0, 4096));
  vi.useRealTimers();
  const broken = build({ bootId: 'next', file: copy, salvageEntry: new URL('file:///none/salvage.js') });
  await broken.sink.start();
  await vi.waitFor(() => expect(broken.board.current.store.reason).toMatch(/wait to be copied into the log/));
  expect(broken.board.current.store.state).toBe('ok');
  await broken.sink.stop();
  const next = build({ bootId: 'third', file: copy, salvageEntry });
  await next.sink.start();
  await vi.waitFor(() => expect(next.board.current.store).toEqual({ state: 'ok' }), { timeout: 30_000 });
  expect(stored(copy).visits).toHaveLength(count + 1);
});

test('a lock of the salvage thread is not reported as a fault', async () => {
  const file = await makeLog();
  const copy = cutPower(file);
  checkpoint(copy);
  writeFileSync(copy, readFileSync(copy).fill(0xa5, 0, 4096));
  const busy = new URL('data:text/javascript,setInterval(() => {}, 1000)');
  const { sink, board, lines } = build({ bootId: 'next', file: copy, salvageEntry: busy });
  await sink.start();
  const states: string[] = [];
  board.subscribe(({ store }) => states.push(store.state));
  const thread = new Sqlite(copy);
  thread.exec('BEGIN IMMEDIATE');
  sink.onVisit?.(visit(1, { id: 'next-1', bootId: 'next' }));
  vi.advanceTimersByTime(150);
  thread.exec('COMMIT');
  thread.close();
  vi.advanceTimersByTime(200);
  expect(stored(copy).visits.map(({ id }) => id)).toEqual(['next-1']);
  expect(states).toEqual([]);
  expect(lines.join()).not.toContain('locked');
});

test('minutes, hours and the minute in progress are salvaged: published ones stay published, and history is the same', async () => {
  const { sink, file } = build({ bootId: 'old' });
  await sink.start();
  const hour = Math.floor(START / 3_600_000) * 3_600_000;
  const at = (seq: number, startedAt: number) => ({
    ...minute(seq, { id: `old-m${seq}`, bootId: 'old', startedAt, endedAt: startedAt + 60_000 }),
  });
  for (let seq = 1; seq <= 300; seq += 1) sink.onMinute?.(at(seq, hour + seq * 60_000));
  sink.markPublished(sink.waiting(290));
  sink.onOpenMinute?.(at(301, hour + 301 * 60_000));
  vi.advanceTimersByTime(1000);
  const before = { summary: sink.summary(everything), hours: storedRows(file, 'hours') };
  checkpoint(file);
  const copy = cutPower(file);
  writeFileSync(copy, readFileSync(copy).fill(0xa5, 0, 1024));

  const { into, counts } = salvaged(copy);
  expect(counts).toMatchObject({ minutes: 300 });
  const rows = storedRows(into, 'minutes');
  expect(rows).toHaveLength(301);
  expect(rows.at(-1)).toMatchObject({ id: 'old-m301', cut: true });
  expect(storedRows(into, 'hours')).toEqual(expect.arrayContaining(before.hours));
  const store = readStore(into);
  expect(store.summary(everything)).toEqual(before.summary);
  store.close();
  const next = build({ bootId: 'next', file: into });
  await next.sink.start();
  const waiting = next.sink.waiting(100).map(idOf);
  expect(waiting).toEqual(Array.from({ length: 11 }, (_, index) => `old-m${291 + index}`));
  expect(next.sink.summary(everything)).toEqual(before.summary);
});

test('the history of salvaged rows is counted once: by their minutes, or by the rows that no minute counts', {
  timeout: 60_000,
}, async () => {
  const { sink, file } = build({ bootId: 'old' });
  await sink.start();
  for (let seq = 1; seq <= 300; seq += 1) {
    sink.onVisit?.(visit(seq, { id: `old-${seq}`, bootId: 'old' }));
    sink.onReading?.(reading(seq * 1000, 1, 2));
  }
  sink.onMinute?.(minute(1, { id: 'old-m1', bootId: 'old' }));
  vi.advanceTimersByTime(1000);
  const all = { from: 0, to: 2 * START };
  const minutesAlone = sink.summary(all);
  checkpoint(file);
  // As after an update from a Mien before minutes, before anything was rolled up.
  const [whole, updated] = [cutPower(file), path('updated.db')];
  cpSync(whole, updated);
  const old = new Sqlite(updated);
  old.exec("INSERT INTO unrolled (kind, first, last) VALUES ('samples', 1, 100), ('visits', 1, 50)");
  old.close();
  vi.useRealTimers();
  const expected = { samples: minutesAlone.samples + 100, visits: minutesAlone.visits + 50 };
  for (const [copy, counts] of [[whole, minutesAlone] as const, [updated, expected] as const]) {
    writeFileSync(copy, readFileSync(copy).fill(0xa5, 0, 1024));
    const next = build({ bootId: 'next', file: copy, salvageEntry });
    await next.sink.start();
    await vi.waitFor(() => expect(next.board.current.store).toEqual({ state: 'ok' }), { timeout: 30_000 });
    // Rows are rolled up once a second.
    await sleep(2500);
    expect(next.sink.summary(all)).toMatchObject(counts);
    await next.sink.stop();
  }
});
