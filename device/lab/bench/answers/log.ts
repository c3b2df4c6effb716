import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import type { Minute, Sample, Visit } from '../../../core/types.ts';
import { createWriter } from '../../../sinks/sqlite/outbox/writer.ts';
import { migrate } from '../../../sinks/sqlite/tables/schema.ts';

const probabilities = { angry: 0.01, disgust: 0.01, fear: 0.02, happy: 0.02, sad: 0.02, surprise: 0.02, neutral: 0.9 };
const spanMs = 29.5 * 86_400_000;
const minuteMs = 60_000;
const perTransaction = 50_000;
/** Samples of each visit. */
const perVisit = 20;

/** Writes a log of one month with all its minutes. One sample in 10,000 has a rare label; every 20 samples make a visit. */
export function writeLog(folder: string, rows: number): void {
  mkdirSync(folder, { recursive: true });
  const database = new Sqlite(join(folder, 'mien.db'));
  try {
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = OFF');
    migrate(database);
    const writer = createWriter(database, { bootId: 'made', now: () => Date.now(), sampleMs: 1000 });
    const start = Date.now() - spanMs;
    const timeOf = (n: number) => Math.round(start + n * (spanMs / rows));
    for (let from = 0; from < rows; from += perTransaction) {
      const numbers = Array.from({ length: Math.min(perTransaction, rows - from) }, (_, index) => from + index);
      const samples = numbers.map((n) => sampleOf(n, timeOf(n)));
      const visits = numbers.filter((n) => n % perVisit === 0).map((n) => visitOf(n, timeOf(n)));
      const published = visits.map(({ id }) => ({ kind: 'visit' as const, id }));
      writer.write({ samples, visits, minutes: [], published });
    }
    const minutes = Array.from({ length: spanMs / minuteMs }, (_, n) => minuteOf(n, Math.round(start) + n * minuteMs));
    const published = minutes.map(({ id }) => ({ kind: 'minute' as const, id }));
    writer.write({ samples: [], visits: [], minutes, published });
    database.pragma('wal_checkpoint(TRUNCATE)');
  } finally {
    database.close();
  }
}

function sampleOf(n: number, ts: number): Sample {
  const label = n % 10_000 === 0 ? 'disgust' : 'neutral';
  const track = Math.floor(n / perVisit);
  return { ts, track, label, probability: 0.9, probabilities, happyShare: 0, score: 0.9, frames: 12 };
}

function visitOf(n: number, startedAt: number): Visit {
  const dwellMs = 20_000;
  return {
    id: `made-${n}`,
    bootId: 'made',
    seq: n,
    track: n,
    startedAt,
    endedAt: startedAt + dwellMs,
    dwellMs,
    dominant: 'neutral',
    shares: { neutral: 1 },
    reasons: {},
    happyShare: 0,
    strongest: { label: 'neutral', probability: 0.9, ts: startedAt },
    confidence: 0.9,
    frames: 240,
  };
}

function minuteOf(seq: number, startedAt: number): Minute {
  return {
    id: `made-m${seq}`,
    bootId: 'made',
    seq,
    startedAt,
    endedAt: startedAt + minuteMs,
    durationMs: minuteMs,
    people: 2,
    visitsBegun: 1,
    visitsEnded: 1,
    dwellMs: 20_000,
    ended: { neutral: { visits: 1, dwellMs: 20_000 } },
    shownMs: { neutral: 50_000, happy: 10_000 },
    watchedMs: minuteMs,
    blindMs: 0,
    pausedMs: 0,
    model: 'made',
    config: 'made',
  };
}
