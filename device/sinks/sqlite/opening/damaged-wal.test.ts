/** A write-ahead log that is overwritten under a running daemon. */
import { closeSync, openSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { expect, test, vi } from 'vitest';
import { packageRoot } from '../../../core/paths.ts';
import { idOf } from '../../../core/store.ts';
import { minute, stored, storedRows, testStores, visit } from '../../../lab/fixtures/store.ts';
import type { SqliteSink } from '../sqlite.ts';
import { damagedFiles } from './damaged.ts';

const { build } = testStores();
const salvageEntry = new URL(`file://${join(packageRoot, 'device/dist/sinks/sqlite/salvage/salvage-main.js')}`);

const ids = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => `boot-${from + index}`);

function addVisits(sink: SqliteSink, from: number, to: number): void {
  for (let seq = from; seq <= to; seq += 1) sink.onVisit?.(visit(seq));
}

function overwrite(file: string, from: number): void {
  const length = statSync(file).size - from;
  const descriptor = openSync(file, 'r+');
  writeSync(descriptor, Buffer.alloc(length, 0xa5), 0, length, from);
  closeSync(descriptor);
}

test.each([
  ['after its header', 32, 99],
  // Nothing in it can be told from the frames of an earlier round.
  ['with its header', 0, 0],
])(
  'a write-ahead log overwritten while running, %s: rows of the file and those that follow are kept, under their ids',
  {
    timeout: 60_000,
  },
  async (_name, from, keptAfter) => {
    const { sink, board, file, lines } = build({ salvageEntry });
    await sink.start();
    addVisits(sink, 1, 200);
    sink.onMinute?.(minute(1));
    sink.markPublished(sink.waiting(50));
    const other = new Sqlite(file);
    other.pragma('wal_checkpoint(TRUNCATE)');
    other.close();
    addVisits(sink, 201, 300);
    const before = sink.waiting(1000).map(idOf);
    overwrite(`${file}-wal`, from);
    addVisits(sink, 301, 400);
    vi.useRealTimers();
    // The daemon has the newest pages in memory. A reader of the history meets the damage, and reports it.
    expect(board.current.store).toEqual({ state: 'ok' });
    sink.reportDamage(
      statSync(file).ino,
      messageOf(() => stored(file)),
    );
    addVisits(sink, 401, 410);
    expect(board.current.store).toMatchObject({ state: 'failing', code: 'store-damaged' });
    expect(board.current.store.reason).toMatch(/malformed.*sets it aside .* rows wait in memory/);

    await vi.waitFor(() => expect(board.current.store).toEqual({ state: 'ok' }), { timeout: 30_000 });
    expect(damagedFiles(file)).toHaveLength(1);
    const visits = stored(file).visits.map(({ id }) => id);
    expect(new Set(visits).size).toBe(visits.length);
    expect(visits).toEqual(expect.arrayContaining([...ids(1, 200), ...ids(401, 410)]));
    expect(visits.filter((id) => ids(301, 400).includes(id)).length).toBeGreaterThanOrEqual(keptAfter);
    expect(storedRows(file, 'minutes')).toHaveLength(1);
    expect(lines.join()).toMatch(/salvaged 0 samples, \d+ visits and 1 minutes/);
    // What was acknowledged stays so, and what was not is sent under the ids it had.
    const waiting = sink.waiting(1000).map(idOf);
    expect(waiting.filter((id) => ids(1, 50).includes(id))).toEqual([]);
    expect(waiting).toEqual(
      expect.arrayContaining([...before.filter((id) => !ids(201, 300).includes(id)), ...ids(401, 410)]),
    );
    expect(new Set(waiting).size).toBe(waiting.length);
  },
);

function messageOf(read: () => unknown): string {
  try {
    read();
    return '';
  } catch (error) {
    return (error as Error).message;
  }
}
