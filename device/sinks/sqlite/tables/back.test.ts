import { existsSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import { expect, test, vi } from 'vitest';
import { idOf, type OutboxRecord } from '../../../core/store.ts';
import type { Minute } from '../../../core/types.ts';
import { writeOldStore } from '../../../lab/fixtures/old-store.ts';
import { Schema5 } from '../../../lab/fixtures/schema-5.ts';
import {
  everything,
  minute,
  probabilities,
  reading,
  START,
  testStores,
  updated,
  visit,
} from '../../../lab/fixtures/store.ts';
import { formatVersion, schemaVersion, versionOf } from './schema.ts';

const { build } = testStores();
const all = { from: 0, to: Number.MAX_SAFE_INTEGER };
const ids = (records: readonly OutboxRecord[]) => records.map(idOf);
const at = (seq: number) => ({ startedAt: START + seq * 1000, endedAt: START + seq * 1000 + 900 });

function visitOf(bootId: string, seq: number, when = seq) {
  return visit(seq, { id: `${bootId}-${seq}`, bootId, ...at(when) });
}

/** A run of this Mien: five visits (three are acknowledged), a minute, a minute and a stay in progress. */
async function runNew(bootId: string, from: number) {
  const store = build({ bootId });
  const { sink } = store;
  await sink.start();
  await updated(store);
  const taken = sink.waiting(1000);
  const seen = sink.summary(all);
  for (let seq = 1; seq <= 5; seq += 1) {
    sink.onReading?.(reading((from + seq) * 1000, 1));
    sink.onVisit?.(visitOf(bootId, seq, from + seq));
  }
  sink.onMinute?.(minute(1, { id: `${bootId}-m1`, bootId, ...sumsOf(from, 5) }));
  sink.onReading?.(reading((from + 6) * 1000, 1));
  sink.onReading?.(reading((from + 7) * 1000, 1));
  vi.advanceTimersByTime(1000);
  sink.onStays?.([visitOf(bootId, 6, from + 6)]);
  sink.onOpenMinute?.(minute(2, { id: `${bootId}-m2`, bootId, ...sumsOf(from + 10, 0), shownMs: { happy: 2000 } }));
  const acknowledged = [1, 2, 3].map((seq) => `${bootId}-${seq}`);
  sink.markPublished(sink.waiting(1000).filter((record) => acknowledged.includes(idOf(record))));
  await sink.stop();
  return { taken, seen };
}

/** A minute that counts `visits` visits and as many samples. */
function sumsOf(from: number, visits: number): Partial<Minute> {
  const startedAt = START + from * 1000;
  const ended: Minute['ended'] = visits > 0 ? { happy: { visits, dwellMs: visits * 900 } } : {};
  const counts = { visitsBegun: visits, visitsEnded: visits, dwellMs: visits * 900, ended };
  return { startedAt, endedAt: startedAt + 10_000, durationMs: 10_000, ...counts, shownMs: { happy: visits * 1000 } };
}

/** A run of the Mien before: five visits (two are acknowledged), samples, and a stay in progress. */
function runOld(file: string, bootId: string, from: number, publish: readonly string[]) {
  const old = new Schema5(file, bootId);
  const taken = old.unpublished();
  const seen = old.history();
  const sample = { label: 'happy', probability: 0.7, probabilities, happyShare: 1, score: 0.9, frames: 3 };
  old.write({
    samples: [1, 2, 3].map((n) => ({ ...sample, ts: START + (from + n) * 1000, track: n })),
    visits: [1, 2, 3, 4, 5].map((seq) => visitOf(bootId, seq, from + seq)),
    published: [...publish, `${bootId}-1`, `${bootId}-2`],
    stays: [visitOf(bootId, 6, from + 6)],
  });
  old.retain(START - 86_400_000, Date.now());
  old.close();
  return { taken, seen };
}

/** Rows of the tables that both know. */
function rowsOf(file: string) {
  const database = new Sqlite(file, { readonly: true });
  try {
    const visits = database.prepare('SELECT id FROM visits ORDER BY n').pluck().all() as string[];
    const samples = database.prepare('SELECT count(*) FROM samples').pluck().get() as number;
    expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
    expect(versionOf(database)).toBe(schemaVersion);
    expect(database.pragma('user_version', { simple: true })).toBe(formatVersion);
    return { visits, samples, pageSize: database.pragma('page_size', { simple: true }) };
  } finally {
    database.close();
  }
}

test.each([
  ['made new, with pages of 1 kB', 1024, 0],
  ['of the Mien before, with pages of 4 kB', 4096, 20],
])('back and forth on a database %s: nothing is lost or sent twice', async (_what, pageSize, rows) => {
  const { file } = build();
  if (rows > 0) writeOldStore(file, 5, rows);
  const before = rows > 0 ? [`old-${rows - 1}`, `old-${rows}`] : [];
  const first = await runNew('new1', 100);
  expect(ids(first.taken)).toEqual(before);
  const samples = rowsOf(file).samples;
  expect(rowsOf(file).pageSize).toBe(pageSize);

  // The Mien before takes the outbox over, closes the stay, and counts every row.
  const back = runOld(file, 'old1', 200, [...before, 'new1-4']);
  expect(back.taken).toEqual([...before, 'new1-4', 'new1-5', 'new1-6']);
  expect(back.seen).toEqual({
    samples,
    counts: { happy: samples },
    rows: rows + 6,
    visits: rows + 6,
    dwellMs: (rows + 6) * 900,
  });

  // This one takes over what is left of both, in the order of the records, and each id once.
  const forth = await runNew('new2', 300);
  const visits = rows + 6 + 6;
  expect(ids(forth.taken)).toEqual(['new1-5', 'new1-6', 'new1-m1', 'new1-m2', 'old1-3', 'old1-4', 'old1-5', 'old1-6']);
  expect(forth.seen).toMatchObject({ samples: samples + 3, visits, dwellMs: visits * 900 });

  // And once more.
  const again = runOld(file, 'old2', 400, []);
  expect(again.taken).toEqual([
    'new1-5',
    'new1-6',
    'old1-3',
    'old1-4',
    'old1-5',
    'old1-6',
    'new2-4',
    'new2-5',
    'new2-6',
  ]);
  expect(again.seen).toMatchObject({ visits: visits + 6, dwellMs: (visits + 6) * 900 });
  const { sink } = await build({ bootId: 'new3' });
  await sink.start();
  const expected = rowsOf(file);
  expect(new Set(expected.visits).size).toBe(expected.visits.length);
  const waiting = ids(sink.waiting(1000));
  expect(new Set(waiting).size).toBe(waiting.length);
  expect(waiting.slice(-4)).toEqual(['old2-3', 'old2-4', 'old2-5', 'old2-6']);
  for (let tick = 0; tick < 5; tick += 1) {
    const { samples: counted, visits: ended, dwellMs } = sink.summary(all);
    expect({ counted, ended, dwellMs }).toEqual({
      counted: expected.samples,
      ended: expected.visits.length,
      dwellMs: expected.visits.length * 900,
    });
    vi.advanceTimersByTime(1000);
  }
  expect(sink.visits(everything).rows).toHaveLength(expected.visits.length);
  // The way back and forth has no migration, so it makes no copy.
  expect(existsSync(`${file}.before-${schemaVersion}`)).toBe(false);
  expect(existsSync(`${file}.before-5`)).toBe(rows > 0);
});
