import { existsSync } from 'node:fs';
import type { Database } from 'better-sqlite3';
import { expect, test, vi } from 'vitest';
import { everything, probabilities, reading, START, stored, testStores, visit } from '../../lab/fixtures/store.ts';
import { openDatabase } from './opening/database.ts';

const { build, path } = testStores();

test('a data folder belongs to one daemon at a time', async () => {
  const { sink } = build();
  await sink.start();
  const second = build();
  await expect(second.sink.start()).rejects.toMatchObject({
    message: `Another Mien is using the data folder ${path('data')}`,
    code: 69,
  });
  await sink.stop();
  await second.sink.start();
});

test('samples are written within a second, visits at once, and both come back as they went in', async () => {
  const { sink, file, board } = build();
  await sink.start();
  expect(board.current.store.state).toBe('ok');
  for (let at = 0; at <= 1000; at += 100) sink.onReading?.(reading(at, 1, 2));
  expect(stored(file).samples).toEqual([]);
  sink.onVisit?.(visit(1));
  expect(stored(file).visits).toEqual([visit(1)]);
  vi.advanceTimersByTime(1000);
  const { samples } = stored(file);
  expect(samples).toHaveLength(2);
  expect(samples[1]).toMatchObject({ ts: START, track: 2, label: 'happy', probabilities, frames: 10 });
  expect(samples[1]).toMatchObject({ probability: 0.7, happyShare: 1 });
  expect(samples[1]!.score).toBeCloseTo(0.9, 10);
  expect(Object.keys(samples[1]!.probabilities)).toEqual(Object.keys(probabilities));
  expect(sink.samples(everything).rows).toEqual(samples);
});

test('an abstention is a label like any other, without a probability', async () => {
  const { sink, file } = build();
  await sink.start();
  const { faces, ...rest } = reading(0, 1);
  const { probability: _none, ...face } = faces[0]!;
  sink.onReading?.({ ...rest, faces: [{ ...face, label: 'uncertain', reason: 'covered', reject: 0.9 }] });
  const unsure = visit(1, {
    shares: { angry: 0, happy: 0.25, sad: 0, uncertain: 0.75 },
    reasons: { dark: 0.5, covered: 0.25 },
    happyShare: 1,
  });
  const never = visit(2, {
    dominant: 'uncertain',
    shares: { angry: 0, happy: 0, sad: 0, uncertain: 1 },
    reasons: { covered: 1 },
    happyShare: null,
    strongest: null,
    confidence: null,
  });
  for (const each of [unsure, never]) sink.onVisit?.(each);
  await sink.stop();
  expect(stored(file).visits).toEqual([unsure, never]);
  expect(stored(file).samples).toEqual([
    {
      ts: START,
      track: 1,
      label: 'uncertain',
      reason: 'covered',
      probability: null,
      probabilities,
      happyShare: null,
      score: 0.9,
      frames: 1,
    },
  ]);
});

test('the interval also ends when no more readings come', async () => {
  const { sink, file } = build();
  await sink.start();
  sink.onReading?.(reading(0, 1));
  vi.advanceTimersByTime(3000);
  expect(stored(file).samples).toMatchObject([{ track: 1, frames: 1 }]);
});

test('stop writes what is held and leaves no write-ahead log', async () => {
  const { sink, file } = build();
  await sink.start();
  sink.onReading?.(reading(0, 1));
  await sink.stop();
  expect(existsSync(`${file}-wal`)).toBe(false);
  expect(stored(file).samples).toHaveLength(1);
});

test('it writes ahead, syncs at checkpoints only, and holds few pages in memory', async () => {
  let database: Database | undefined;
  const { sink } = build({ openDatabase: (file) => (database = openDatabase(file)) });
  await sink.start();
  expect(database!.pragma('journal_mode', { simple: true })).toBe('wal');
  expect(database!.pragma('synchronous', { simple: true })).toBe(1);
  expect(database!.pragma('cache_size', { simple: true })).toBe(-256);
});
