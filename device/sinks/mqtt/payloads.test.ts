import { expect, test } from 'vitest';
import { StateBoard } from '../../core/state.ts';
import type { Face, Reading, Visit } from '../../core/types.ts';
import { minute, START } from '../../lab/fixtures/store.ts';
import { healthPayload, minutePayload, readingPayload, statePayload, visitPayload } from './payloads.ts';

function readingOf(happyShare: number | null, ...faces: Face[]): Reading {
  return { frame: 1, t: 0, ts: 1_700_000_000_000, mono: 0, width: 640, height: 480, faces, happyShare };
}

const visit: Visit = {
  id: 'boot-1',
  bootId: 'boot',
  seq: 1,
  track: 1,
  startedAt: 1_700_000_000_000,
  endedAt: 1_700_000_001_000,
  dwellMs: 1000,
  dominant: 'happy',
  shares: { happy: 0.25, sad: 0, uncertain: 0.75 },
  reasons: { dark: 0.75 },
  happyShare: 1,
  strongest: { label: 'happy', probability: 0.812345, ts: 1_700_000_000_500 },
  confidence: 0.712345,
  frames: 25,
};

test('uncertain is published as a label, with only the probabilities of the model', () => {
  const face: Face = {
    track: 1,
    box: { x: 1, y: 2, width: 40, height: 40 },
    score: 0.9,
    label: 'uncertain',
    reason: 'turned',
    probabilities: { happy: 0.34, sad: 0.33, neutral: 0.33 },
    reject: 0.12,
  };
  const { faces, happy_share } = readingPayload(readingOf(null, face));
  expect(faces).toEqual([
    {
      track: 1,
      box: face.box,
      score: 0.9,
      label: 'uncertain',
      reason: 'turned',
      probabilities: { happy: 0.34, sad: 0.33, neutral: 0.33 },
    },
  ]);
  expect(happy_share).toBeNull();
});

test('a named face is published with its probability, and the reading with its share of happy', () => {
  const box = { x: 1, y: 2, width: 40, height: 40 };
  const probabilities = { happy: 0.876543, sad: 0.123457 };
  const face: Face = { track: 1, box, score: 0.9, label: 'happy', probability: 0.876543, probabilities };
  const { faces, happy_share } = readingPayload(readingOf(0.6667, face));
  expect(faces[0]).toMatchObject({ label: 'happy', probability: 0.8765, probabilities: { happy: 0.8765 } });
  expect(faces[0]).not.toHaveProperty('reason');
  expect(happy_share).toBe(0.6667);
});

test('the uncertain share of a visit is published beside the others, with its reasons', () => {
  expect(visitPayload(visit)).toEqual({
    id: 'boot-1',
    track: 1,
    started_at: 1_700_000_000_000,
    ended_at: 1_700_000_001_000,
    dwell_ms: 1000,
    dominant: 'happy',
    shares: { happy: 0.25, sad: 0, uncertain: 0.75 },
    reasons: { dark: 0.75 },
    happy_share: 1,
    strongest: { label: 'happy', probability: 0.8123, ts: 1_700_000_000_500 },
    confidence: 0.7123,
    frames: 25,
  });
});

test('a visit without a named moment is published without figures', () => {
  const nothing = { strongest: null, confidence: null, happyShare: null };
  expect(
    visitPayload({ ...visit, dominant: 'uncertain', shares: { happy: 0, uncertain: 1 }, ...nothing }),
  ).toMatchObject({ dominant: 'uncertain', happy_share: null, strongest: null, confidence: null });
});

test('throttling is part of the state, and the temperature part of the health', () => {
  const board = new StateBoard('demo');
  expect(statePayload(board.current, { version: '1.2.3', deviceId: 'd1' })).not.toHaveProperty('governor');
  board.update('governor', { state: 'reduced', fpsLimit: 19.8, reason: 'hot', temperatureC: 82, throttled: [] });
  board.update('governor', { throttled: ['under-voltage', 'throttled'] });
  expect(statePayload(board.current, { version: '1.2.3', deviceId: 'd1' }).governor).toEqual({
    state: 'reduced',
    fps_limit: 19.8,
    reason: 'hot',
    throttled: ['under-voltage', 'throttled'],
  });
  const health = { status: 'degraded', reasons: ['hot'], uptimeS: 61.4, memoryMb: 80.12345 } as const;
  expect(healthPayload(health, board.current, 0)).toEqual({
    status: 'degraded',
    reasons: ['hot'],
    uptime_s: 61,
    memory_mb: { daemon: 80.1235 },
    temperature_c: 82,
  });
});

test('only a cut visit has the key cut', () => {
  expect(visitPayload({ ...visit, cut: true })).toMatchObject({ cut: true });
  expect(visitPayload(visit)).not.toHaveProperty('cut');
});

test('a minute is published in seconds, with uncertain beside the named labels', () => {
  const shownMs = { happy: 30_000, sad: 0, uncertain: 5500 };
  expect(minutePayload(minute(3, { shownMs }))).toEqual({
    id: 'boot-m3',
    start: START + 180_000,
    duration_s: 60,
    people: 2,
    visits_begun: 1,
    visits_ended: 1,
    dwell_ms: 900,
    seconds: { happy: 30 },
    uncertain_s: 5.5,
    watched_s: 50,
    blind_s: 10,
    paused_s: 0,
    model: 'net@1a2b3c4d',
    config: '0a1b2c3d',
  });
  expect(minutePayload(minute(3, { cut: true }))).toMatchObject({ cut: true });
});

test('health has the age of the oldest record in the outbox, also after the clock was set back', () => {
  const board = new StateBoard('demo');
  board.update('store', { outbox: { waiting: 3, oldestTs: 10_000, lost: 1 }, writtenMbPerDay: 12.5, pending: 4 });
  const health = { status: 'ok', reasons: [], uptimeS: 0, memoryMb: 80 } as const;
  const at = (now: number) => healthPayload(health, board.current, now);
  expect(at(75_000)).toMatchObject({
    outbox: { waiting: 3, oldest_s: 65, lost: 1 },
    rows_pending: 4,
    written_mb_per_day: 12.5,
  });
  expect(at(0).outbox).toEqual({ waiting: 3, oldest_s: 0, lost: 1 });
});
