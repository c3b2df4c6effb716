import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { exportFormats } from '../../core/exports.ts';
import { packageRoot } from '../../core/paths.ts';
import { rowsOfFile } from '../../lab/fixtures/exported.ts';
import { silentLog } from '../../lab/fixtures/http-fixture.ts';
import { scratchFolder } from '../../lab/fixtures/scratch.ts';
import { readStore } from '../../sinks/sqlite/sqlite.ts';
import { migrate } from '../../sinks/sqlite/tables/schema.ts';
import type { ProblemError } from '../answers/problem.ts';
import type { ReadQuery, RowsRead } from './query.ts';
import { ReadingThread } from './reading-thread.ts';
import { type Read, readsOf } from './reads.ts';

const file = join(scratchFolder(), 'mien.db');
/** One row in 200 has the rare label; two rows share each timestamp. */
const rows = 20_000;
const all = { from: 0, to: rows, label: undefined, before: undefined, limit: 10_000 } as const;
const samples: RowsRead = { table: 'samples', format: 'json', ...all };
const built = new URL(`file://${join(packageRoot, 'device', 'dist', 'http', 'reads', 'reader-main.js')}`);

beforeAll(() => {
  const database = new Sqlite(file);
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = OFF');
  migrate(database);
  database.exec(`INSERT INTO label_sets VALUES (1, '["happy","sad"]'); INSERT INTO boots VALUES (1, 'made', 0)`);
  const insert = database.prepare(
    `INSERT INTO samples (ts, boot, track, label, label_set, probabilities, score, frames) VALUES (?, 1, ?, ?, 1, '[0.7,0.3]', 0.9, 12)`,
  );
  database.transaction(() => {
    for (let n = 0; n < rows; n += 1) insert.run(Math.floor(n / 2), n, n % 200 === 0 ? 'sad' : 'happy');
  })();
  database.close();
});

async function textOf(read: Read): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for (let piece = await read.next(); piece; piece = await read.next()) text += decoder.decode(piece);
  return text;
}

async function tracksOf(query: ReadQuery): Promise<{ tracks: number[]; next?: string }> {
  const store = readStore(file);
  try {
    const answer = JSON.parse(await textOf(await readsOf(store).open(query)));
    return { tracks: answer.samples.map(({ track }: { track: number }) => track), next: answer.next };
  } finally {
    store.close();
  }
}

describe('pages of rows', () => {
  test('hold the newest rows, newest first, also with equal timestamps and many pieces', async () => {
    const { tracks, next } = await tracksOf({ ...samples, limit: 1235 });
    expect(tracks).toEqual(Array.from({ length: 1235 }, (_, index) => rows - 1 - index));
    const [ts, n] = next!.split('-').map(Number) as [number, number];
    const older = await tracksOf({ ...samples, limit: 3, before: { ts, n } });
    expect(older.tracks).toEqual([rows - 1236, rows - 1237, rows - 1238]);
  });

  test('find a rare label over the whole range', async () => {
    const { tracks, next } = await tracksOf({ ...samples, label: 'sad' });
    expect(tracks).toEqual(Array.from({ length: rows / 200 }, (_, index) => rows - 200 - index * 200));
    expect(next).toBeUndefined();
  });

  test('CSV holds all rows in the order of the pages, newest first', async () => {
    const store = readStore(file);
    const text = await textOf(await readsOf(store).open({ ...samples, format: 'csv', limit: undefined }));
    store.close();
    const lines = text.trimEnd().split('\r\n');
    expect(lines).toHaveLength(rows + 1);
    expect(lines[1]).toContain(`,${rows - 1},happy`);
    expect(lines.at(-1)).toContain(',0,sad');
  });
});

describe('the reading thread', () => {
  const reads = new ReadingThread({ file, log: silentLog, entry: built });
  afterAll(() => reads.stop());

  test('twenty large answers at once do not block this thread', async () => {
    const startedAt = performance.now();
    // Active time of this thread only, without waiting for a core.
    const before = performance.eventLoopUtilization();
    const answers = await Promise.all(
      Array.from({ length: 20 }, async (_, index) =>
        textOf(
          await reads.open(index % 2 === 0 ? { ...samples, limit: 2000 } : { ...samples, label: 'sad', limit: 500 }),
        ),
      ),
    );
    const busy = performance.eventLoopUtilization(before).active;
    const tookMs = performance.now() - startedAt;
    expect(JSON.parse(answers[0]!).samples).toHaveLength(2000);
    expect(JSON.parse(answers[1]!).samples).toHaveLength(rows / 200);
    expect(busy / tookMs).toBeLessThan(0.5);
  });

  test('a short answer does not wait for the long ones before it', async () => {
    const order: string[] = [];
    const long = reads.open({ ...samples, format: 'csv', limit: undefined }).then(textOf);
    const longs = Promise.all([long, long]).then(() => order.push('long'));
    const short = reads.open({ ...samples, limit: 1 }).then(textOf);
    await Promise.all([longs, short.then(() => order.push('short'))]);
    expect(order).toEqual(['short', 'long']);
  });

  test('above the limit a client gets 503; an answer that is not read is dropped', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const few = new ReadingThread({ file, log: silentLog, entry: built, maxOpen: 2, unreadMs: 1500 });
    const open = await Promise.all([few.open(samples), few.open(samples)]);
    const refusal: ProblemError = await few.open(samples).then(
      () => undefined as never,
      (error) => error,
    );
    expect(refusal.problem).toMatchObject({ status: 503, headers: { 'Retry-After': '2' } });
    open[0]!.close();
    await textOf(await few.open({ ...samples, limit: 1 }));
    vi.advanceTimersByTime(1500);
    await expect(open[1]!.next()).rejects.toThrow('the answer was dropped');
    await few.stop();
    vi.useRealTimers();
  });

  test('a missing database is a problem with a remedy', async () => {
    const none = new ReadingThread({ file: join(scratchFolder(), 'none.db'), log: silentLog, entry: built });
    await expect(none.open(samples)).rejects.toMatchObject({ problem: { status: 503, title: 'Not available' } });
    await none.stop();
  });

  test('a damaged database is reported with its inode, and the next one is read', async () => {
    const damaged = join(scratchFolder(), 'damaged.db');
    const bytes = readFileSync(file);
    writeFileSync(damaged, Buffer.from(bytes).fill(0xa5, 4096));
    const heard: unknown[] = [];
    const onDamage = (...report: unknown[]) => heard.push(report);
    const thread = new ReadingThread({ file: damaged, log: silentLog, entry: built, onDamage });
    await expect(thread.open(samples)).rejects.toMatchObject({
      problem: { status: 503, remedy: expect.stringContaining('salvages what can be read') },
    });
    expect(heard).toEqual([[statSync(damaged).ino, expect.stringContaining('malformed')]]);
    renameSync(damaged, `${damaged}.aside`);
    writeFileSync(damaged, bytes);
    expect(JSON.parse(await textOf(await thread.open({ ...samples, limit: 1 }))).samples).toHaveLength(1);
    await thread.stop();
  });

  test('an answer does not continue in a database that replaced its own', async () => {
    const swapped = join(scratchFolder(), 'swapped.db');
    writeFileSync(swapped, readFileSync(file));
    const thread = new ReadingThread({ file: swapped, log: silentLog, entry: built });
    const long = await thread.open({ ...samples, format: 'csv', limit: undefined });
    await long.next();
    renameSync(swapped, `${swapped}.aside`);
    writeFileSync(swapped, readFileSync(file));
    await textOf(await thread.open({ ...samples, limit: 1 }));
    await expect(textOf(long)).rejects.toMatchObject({ problem: { status: 503, remedy: 'Send the request again.' } });
    await thread.stop();
  });

  test('exports of all rows in every format do not block this thread, and short answers come in between', async () => {
    const about = { device: 'lobby-1', version: '1.2.3', madeAt: 0, from: 0, to: rows };
    const startedAt = performance.now();
    const before = performance.eventLoopUtilization();
    const order: string[] = [];
    const exports = exportFormats.map(async (format) => {
      const read = await reads.open({ table: 'export', rows: 'samples', format, about });
      const parts: Uint8Array[] = [];
      for (let piece = await read.next(); piece; piece = await read.next()) parts.push(piece);
      order.push(format);
      return rowsOfFile(Buffer.concat(parts), format);
    });
    await textOf(await reads.open({ ...samples, limit: 1 }));
    order.push('short');
    await Promise.race(exports);
    const busy = performance.eventLoopUtilization(before).active;
    expect(busy / (performance.now() - startedAt)).toBeLessThan(0.5);
    const [csv, jsonl, parquet] = await Promise.all(exports);
    expect(order[0]).toBe('short');
    expect(csv!.map(({ track }) => track)).toEqual(Array.from({ length: rows }, (_, n) => n));
    expect(jsonl).toEqual(csv);
    expect(parquet).toEqual(csv);
  });

  test('too many buckets are named', async () => {
    const many = { table: 'history', format: 'json', bucket: 'minute', tz: 'UTC', from: 0, to: 1e12, label: undefined };
    await expect(reads.open(many as ReadQuery)).rejects.toMatchObject({ problem: { status: 400 } });
  });
});
