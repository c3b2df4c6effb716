import { expect, test, vi } from 'vitest';
import type { Cursor } from '../../../core/store.ts';
import { everything, reading, START, testStores, visit } from '../../../lab/fixtures/store.ts';
import { readStore } from './reader.ts';

const { build, path } = testStores();

test('the history is a half-open range of times, oldest first, limited to the newest', async () => {
  const { sink } = build();
  await sink.start();
  for (const seq of [3, 1, 2]) sink.onVisit?.(visit(seq));
  const ids = (from: number, to: number, limit = 10) => sink.visits({ from, to, limit }).rows.map(({ seq }) => seq);
  expect(ids(0, START * 2)).toEqual([1, 2, 3]);
  expect(ids(START + 1000, START + 3000)).toEqual([1, 2]);
  expect(ids(0, START * 2, 2)).toEqual([2, 3]);
  for (let at = 0; at <= 3000; at += 1000) sink.onReading?.(reading(at, 1, 2));
  vi.advanceTimersByTime(1000);
  const samples = sink.samples({ from: START, to: START + 3000, limit: 3 }).rows;
  expect(samples.map(({ ts, track }) => [ts - START, track])).toEqual([
    [1000, 2],
    [2000, 1],
    [2000, 2],
  ]);
});

test('pages of rows go back in time, and meet each row once, also where many are of the same moment', async () => {
  const { sink } = build();
  await sink.start();
  for (let seq = 1; seq <= 7; seq += 1) sink.onVisit?.(visit(seq, { startedAt: START + (seq > 2 ? 5 : seq) }));
  const pages: number[][] = [];
  let before: Cursor | undefined;
  do {
    const { rows, next } = sink.visits({ from: START, to: START + 10, limit: 2, before });
    pages.push(rows.map(({ seq }) => seq));
    before = next;
  } while (before);
  expect(pages).toEqual([[6, 7], [4, 5], [2, 3], [1]]);
});

test('rows of one label', async () => {
  const { sink } = build();
  await sink.start();
  sink.onVisit?.(visit(1));
  sink.onVisit?.(visit(2, { dominant: 'sad' }));
  expect(sink.visits({ ...everything, label: 'sad' }).rows.map(({ seq }) => seq)).toEqual([2]);
  expect(sink.samples({ ...everything, label: 'sad' })).toEqual({ rows: [], next: undefined });
});

test('a summary counts samples by label, and visits with their dwell', async () => {
  const { sink } = build();
  await sink.start();
  for (const mono of [0, 1000, 2000]) sink.onReading?.(reading(mono, 1, 2));
  sink.onVisit?.(visit(1));
  sink.onVisit?.(visit(2, { dominant: 'sad' }));
  vi.advanceTimersByTime(3000);
  expect(sink.summary({ from: START, to: START + 10_000 })).toEqual({
    samples: 6,
    counts: { happy: 6 },
    visits: 2,
    dwellMs: 1800,
  });
  expect(sink.summary({ from: START, to: START + 10_000, label: 'sad' })).toEqual({
    samples: 0,
    counts: {},
    visits: 1,
    dwellMs: 900,
  });
  expect(sink.summary({ from: START + 20_000, to: START + 30_000 })).toMatchObject({
    samples: 0,
    visits: 0,
    dwellMs: 0,
  });
});

test('a reader without a database is told so', () => {
  expect(() => readStore(path('none.db'))).toThrow(/Cannot read a database at .*none\.db/);
});
