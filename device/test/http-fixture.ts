import { EventEmitter } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { readCard } from '../classify/card.ts';
import { LiveConfig } from '../config/live.ts';
import { type Config, configSchema } from '../config/schema.ts';
import { type Clock, systemClock } from '../core/clock.ts';
import { happyShareOf, labelCounts, type UncertainReason } from '../core/labels.ts';
import type { LiveKind, LiveSource } from '../core/live.ts';
import type { Log } from '../core/log.ts';
import { packageRoot } from '../core/paths.ts';
import { StateBoard } from '../core/state.ts';
import type { Cursor, History, RowQuery } from '../core/store.ts';
import type { Face, LiveFrame, Reading, Sample, Visit } from '../core/types.ts';
import { type AppDeps, createApp } from '../http/app.ts';
import type { Operations } from '../http/operations.ts';
import { readsOf } from '../http/reads/reads.ts';
import { privacyNotice } from '../ops/privacy.ts';
import { supportBundle } from '../ops/support-bundle.ts';
import { Feed } from '../sinks/live/feed.ts';

/** Ends of tests' own making: a live source that is played by hand, rows that stand in an array. */

export const labels = ['angry', 'disgust', 'fear', 'happy', 'sad', 'surprise', 'neutral'] as const;

export class FakeLive implements LiveSource {
  readonly #listeners = new Map<(frame: LiveFrame) => void, LiveKind>();

  subscribe(kind: LiveKind, listener: (frame: LiveFrame) => void): () => void {
    this.#listeners.set(listener, kind);
    return () => this.#listeners.delete(listener);
  }

  subscribers(kind: LiveKind): number {
    return [...this.#listeners.values()].filter((each) => each === kind).length;
  }

  emit(frame: LiveFrame, kind?: LiveKind): void {
    for (const [listener, its] of this.#listeners) if (!kind || kind === its) listener(frame);
  }
}

export function makeFace(
  label: string,
  box = { x: 200, y: 120, width: 160, height: 160 },
  track = 1,
  reason: UncertainReason = 'ambiguous',
): Face {
  // A label that is none of these (`uncertain`) leaves all about equal.
  const isKnown = (labels as readonly string[]).includes(label);
  const probabilityOf = (each: string) => (isKnown ? (each === label ? 0.88 : 0.02) : 1 / labels.length);
  const probabilities = Object.fromEntries(labels.map((each) => [each, probabilityOf(each)]));
  const named = isKnown ? { probability: 0.88 } : { reason };
  return { track, box, score: 0.97, label, ...named, probabilities };
}

export function makeReading(frame: number, change: Partial<Reading> = {}): Reading {
  const ts = 1_700_000_000_000 + frame * 33;
  const { faces = [makeFace('happy')] } = change;
  const happyShare = happyShareOf(labelCounts(faces));
  return { frame, t: frame / 30, ts, mono: frame * 33, width: 640, height: 480, faces, happyShare, ...change };
}

/** A frame whose "JPEG" holds its number, so that a test can tell whether head and picture belong together. */
export function numberedFrame(frame: number, size = 64): LiveFrame {
  const jpeg = Buffer.alloc(size, frame % 251);
  jpeg.writeUInt32BE(frame, 0);
  return { reading: makeReading(frame), jpeg };
}

export const silentLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLog,
} as unknown as Log;

export class FakeClock implements Clock {
  time = 1_700_000_000_000;
  now(): number {
    return this.time;
  }
  mono(): number {
    return this.time - 1_600_000_000_000;
  }
}

export interface Fixture {
  readonly feed: Feed;
  readonly app: ReturnType<typeof createApp>;
  readonly live: FakeLive;
  readonly board: StateBoard;
  readonly samples: Sample[];
  readonly visits: Visit[];
  latest: Reading | undefined;
}

/** A log in two arrays, which stand in the order of time. */
function arrayHistory(samples: readonly Sample[], visits: readonly Visit[]): History {
  function page<Row>(
    all: readonly Row[],
    { from, to, limit, label, before }: RowQuery,
    of: (row: Row) => [number, string],
  ): { rows: Row[]; keys: Cursor[]; next: Cursor | undefined } {
    const numbered = all.map((row, n) => ({ row, cursor: { ts: of(row)[0], n } }));
    const found = numbered.filter(
      ({ row, cursor: { ts, n } }) =>
        ts >= from &&
        ts < to &&
        (label === undefined || of(row)[1] === label) &&
        (before === undefined || n < before.n),
    );
    const kept = found.slice(-limit);
    const keys = kept.map(({ cursor }) => cursor).toReversed();
    return { rows: kept.map(({ row }) => row), keys, next: found.length > limit ? kept[0]!.cursor : undefined };
  }
  const history: History = {
    keys: (table, query) =>
      table === 'samples'
        ? page(samples, query, ({ ts, label }) => [ts, label]).keys
        : page(visits, query, ({ startedAt, dominant }) => [startedAt, dominant]).keys,
    samples: (query) => page(samples, query, ({ ts, label }) => [ts, label]),
    visits: (query) => page(visits, query, ({ startedAt, dominant }) => [startedAt, dominant]),
    summary(span) {
      const query = { ...span, limit: Number.POSITIVE_INFINITY };
      const counts: Record<string, number> = {};
      for (const { label } of history.samples(query).rows) counts[label] = (counts[label] ?? 0) + 1;
      const stays = history.visits(query).rows;
      const dwellMs = stays.reduce((sum, visit) => sum + visit.dwellMs, 0);
      return { samples: history.samples(query).rows.length, counts, visits: stays.length, dwellMs };
    },
  };
  return history;
}

/** What the other parts of a daemon would do. */
export function fakeOperations(change: Partial<Operations> = {}): Operations {
  let paused = false;
  return {
    classify: async () => ({ result: { width: 64, height: 48, faces: [], ms: 1 } }),
    isPaused: () => paused,
    pause: (wanted) => {
      paused = wanted;
    },
    restartVision: () => undefined,
    stages: () => ({ detect: { p50: 3.9, p95: 5.1 } }),
    memoryMb: () => 80,
    listCameras: () => [{ path: '/dev/video0', stablePath: undefined, name: 'Made-up camera', isUsb: true }],
    modelCard: () => readCard(join(packageRoot, 'models'), 'residual-cnn'),
    privacy: () => privacyNotice(configSchema.parse({})),
    logs: () => [],
    sources: new Map(),
    configFile: undefined,
    supportBundle: async (parts) => supportBundle(parts),
    ...change,
  };
}

/** An app over fakes. The camera and the vision process are up unless the test says otherwise. */
export function fixture({
  config,
  history,
  ...change
}: Partial<AppDeps> & { readonly config?: Config; readonly history?: History } = {}): Fixture {
  const live = new FakeLive();
  const board = new StateBoard('demo');
  board.update('camera', { state: 'online', width: 640, height: 480, fps: 30 });
  board.update('vision', { state: 'running', labels });
  board.update('store', { state: 'ok' });
  const samples: Sample[] = [];
  const visits: Visit[] = [];
  const made: Fixture = { feed: new Feed(), app: undefined as never, live, board, samples, visits, latest: undefined };
  const app = createApp({
    settings: new LiveConfig(config ?? configSchema.parse({ device: { name: 'lobby-1' } })),
    operations: fakeOperations(),
    board,
    live,
    feed: made.feed,
    reads: readsOf(history ?? arrayHistory(samples, visits)),
    latest: () => made.latest,
    version: '1.2.3',
    bootId: 'boot-1',
    clock: systemClock,
    log: silentLog,
    kioskDir: '/nonexistent',
    ...change,
  });
  return Object.assign(made, { app: asThisDevice(app) });
}

/** `app.request` without a socket comes from the device itself, unless the test says from where. */
function asThisDevice(app: Fixture['app']): Fixture['app'] {
  const request = app.request.bind(app);
  app.request = (input, init, env = peerAt('127.0.0.1'), context?) => request(input, init, env, context);
  return app;
}

/** Third argument of `app.request`: the other end of the connection. */
export function peerAt(remoteAddress: string, localAddress = '127.0.0.1') {
  return {
    incoming: { socket: Object.assign(new EventEmitter(), { remoteAddress, localAddress, destroy: () => undefined }) },
  };
}

/** Waits for what happens on another side of a socket. */
export async function eventually(condition: () => boolean, what: string): Promise<void> {
  // Long enough for a busy machine.
  for (const endsAt = performance.now() + 20_000; performance.now() < endsAt; await pause(10)) {
    if (condition()) return;
  }
  throw new Error(`waited 20 s in vain: ${what}`);
}
