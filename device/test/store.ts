import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, vi } from 'vitest';
import { StateBoard } from '../core/state.ts';
import type { Reading, Sample, Visit } from '../core/types.ts';
import { createSqliteSink, readStore, type SqliteSink, type SqliteSinkDeps } from '../sinks/sqlite/sqlite.ts';

/** 2023-11-14. */
export const START = 1_700_000_000_000;
export const everything = { from: 0, to: Number.MAX_SAFE_INTEGER, limit: 100_000 };
export const probabilities = { angry: 0.1, happy: 0.7, sad: 0.2 };

export interface TestStore {
  readonly sink: SqliteSink;
  readonly board: StateBoard;
  /** Messages of the log. */
  readonly lines: string[];
  readonly file: string;
}

/**
 * Logs on vitest's clock, which begins at START, below a folder that each test has for itself; stopped when it has ended.
 * To be called once at the top of a test file.
 */
export function testStores() {
  let folder = '';
  const sinks: SqliteSink[] = [];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'mien-sqlite-'));
    vi.useFakeTimers({ now: START });
  });
  afterEach(async () => {
    await Promise.all(sinks.splice(0).map((sink) => sink.stop()));
    vi.useRealTimers();
    rmSync(folder, { recursive: true, force: true });
  });
  const build = (change: Partial<SqliteSinkDeps> = {}): TestStore => {
    const board = new StateBoard('test');
    const lines: string[] = [];
    const log = pino({ level: 'info' }, { write: (line: string) => lines.push(JSON.parse(line).msg) });
    const file = join(folder, 'data', 'mien.db');
    const clock = { now: () => Date.now(), mono: () => performance.now() };
    const deps = { file, sampleMs: 1000, retentionDays: 30, clock, log, board, bootId: 'boot', ...change };
    const sink = createSqliteSink(deps);
    sinks.push(sink);
    return { sink, board, lines, file: deps.file };
  };
  return {
    build,
    path: (...names: string[]) => join(folder, ...names),
    stopAll: () => Promise.all(sinks.splice(0).map((sink) => sink.stop())),
  };
}

/** A reading in which each of the tracks looks happy. */
export function reading(mono: number, ...tracks: number[]): Reading {
  const faces = tracks.map((track) => ({
    track,
    box: { x: 1, y: 2, width: 40, height: 40 },
    score: 0.9,
    label: 'happy',
    probability: 0.7,
    probabilities,
  }));
  return { frame: mono, t: mono / 1000, ts: START + mono, mono, width: 640, height: 480, faces, happyShare: 1 };
}

export function visit(seq: number, change: Partial<Visit> = {}): Visit {
  return {
    id: `boot-${seq}`,
    bootId: 'boot',
    seq,
    track: seq,
    startedAt: START + seq * 1000,
    endedAt: START + seq * 1000 + 900,
    dwellMs: 900,
    dominant: 'happy',
    shares: { angry: 0, happy: 0.75, sad: 0.25 },
    reasons: {},
    happyShare: 0.75,
    strongest: { label: 'happy', probability: 0.97, ts: START + seq * 1000 + 5 },
    confidence: 0.8,
    frames: 27,
    ...change,
  };
}

/** What another program sees in the file. */
export function stored(file: string): { samples: readonly Sample[]; visits: readonly Visit[] } {
  const store = readStore(file);
  try {
    return { samples: store.samples(everything).rows, visits: store.visits(everything).rows };
  } finally {
    store.close();
  }
}

/** Hands to turn: both on, or the wall clock's alone. */
export function handClock() {
  let wall = START;
  let mono = 0;
  return {
    now: () => wall,
    mono: () => mono,
    jump: (ms: number) => {
      wall += ms;
    },
    pass: (ms: number) => {
      wall += ms;
      mono += ms;
    },
  };
}
