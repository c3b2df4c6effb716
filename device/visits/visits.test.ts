import { expect, test } from 'vitest';
import type { UncertainReason } from '../core/labels.ts';
import type { Face, Reading, Visit } from '../core/types.ts';
import { createVisitLog } from './visits.ts';

const HOUR = 3_600_000;
const box = { x: 0, y: 0, width: 48, height: 48 };

function face(track: number, label: string, probability = 0.8): Face {
  const rest = (1 - probability) / 2;
  const probabilities = { angry: rest, happy: rest, sad: rest, [label]: probability };
  return { track, box, score: 0.9, label, probability, probabilities };
}

function unnamed(track: number, reason?: UncertainReason): Face {
  const probabilities = { angry: 0.3, happy: 0.4, sad: 0.3 };
  return { track, box, score: 0.9, label: 'uncertain', ...(reason && { reason }), probabilities };
}

/** A camera and the daemon's clock: `at` is the readings' time; the daemon's own clock has another origin. */
function setUp(options: { gapMs?: number; minDwellMs?: number } = {}) {
  let mono = 0;
  let frame = 0;
  const clock = { now: () => 0, mono: () => mono + 777_000 };
  const log = createVisitLog({ gapMs: 2000, minDwellMs: 500, bootId: 'boot', clock, ...options });
  const ended: Visit[] = [];
  const wall = { offset: 1_700_000_000_000 };
  return {
    ended,
    wall,
    read(at: number, ...faces: Face[]) {
      mono = at;
      const times = { t: at / 1000, ts: at + wall.offset, mono: at };
      const reading: Reading = { frame, ...times, width: 640, height: 480, faces, happyShare: null };
      frame += 1;
      ended.push(...log.update(reading));
    },
    tick(at: number) {
      mono = at;
      ended.push(...log.tick());
    },
    underWay: () => log.ongoing(),
    flush() {
      ended.push(...log.flush());
    },
  };
}

test('a visit starts at first sight, ends after the gap, and is dated by the last sight', () => {
  const { read, ended, wall } = setUp();
  for (let at = 0; at <= 3000; at += 100) read(at, face(1, at < 1000 ? 'sad' : 'happy', at === 2000 ? 0.95 : 0.8));
  for (let at = 3100; at < 5000; at += 100) read(at);
  expect(ended).toEqual([]);
  read(5000);
  expect(ended).toHaveLength(1);
  const visit = ended[0]!;
  expect(visit).toMatchObject({
    id: 'boot-1',
    bootId: 'boot',
    seq: 1,
    track: 1,
    dwellMs: 3000,
    dominant: 'happy',
    frames: 31,
  });
  expect(visit.startedAt).toBe(wall.offset);
  expect(visit.endedAt).toBe(wall.offset + 3000);
  expect(visit.shares).toEqual({ angry: 0, happy: 2 / 3, sad: 1 / 3 });
  expect(Object.keys(visit.shares)).toEqual(['angry', 'happy', 'sad']);
  expect(visit.strongest).toEqual({ label: 'happy', probability: 0.95, ts: wall.offset + 2000 });
  expect(visit.confidence).toBeCloseTo((30 * 0.8 + 0.95) / 31, 10);
  expect(visit).toMatchObject({ happyShare: 0.6667, reasons: {} });
});

test('a wall clock that jumps back an hour changes no duration, and no visit ends before it began', () => {
  const { read, ended, wall, flush } = setUp();
  const start = wall.offset;
  read(0, face(1, 'happy'));
  read(600, face(1, 'happy'));
  wall.offset -= HOUR;
  read(1200, face(1, 'sad'));
  read(1500, face(1, 'sad'));
  flush();
  expect(ended).toHaveLength(1);
  expect(ended[0]).toMatchObject({ startedAt: start, endedAt: start + 1500, dwellMs: 1500, dominant: 'happy' });
  expect(ended[0]!.shares).toMatchObject({ happy: 0.8, sad: 0.2 });
});

test('two people at once are two visits', () => {
  const { read, ended } = setUp();
  for (let at = 0; at <= 6000; at += 250) {
    const faces = [];
    if (at <= 2000) faces.push(face(7, 'happy'));
    if (at >= 1000) faces.push(face(3, 'sad'));
    read(at, ...faces);
  }
  expect(ended.map(({ id, track }) => ({ id, track }))).toEqual([{ id: 'boot-1', track: 7 }]);
  for (let at = 6250; at <= 8000; at += 250) read(at);
  expect(ended[0]).toMatchObject({ track: 7, dwellMs: 2000, dominant: 'happy' });
  expect(ended[1]).toMatchObject({ id: 'boot-2', track: 3, dwellMs: 5000, dominant: 'sad' });
});

test('a track that returns within the gap goes on; the moment it was hidden belongs to the label before', () => {
  const { read, ended, flush } = setUp();
  for (let at = 0; at <= 3000; at += 100) {
    const hidden = at > 1000 && at < 2500;
    if (hidden) read(at, face(2, 'angry'));
    else read(at, face(1, at <= 1000 ? 'happy' : 'sad'));
  }
  flush();
  const visit = ended.find(({ track }) => track === 1)!;
  expect(visit).toMatchObject({ dwellMs: 3000, frames: 17, dominant: 'happy' });
  expect(visit.shares.happy).toBeCloseTo(2500 / 3000, 10);
});

test('a hole in the stream does not count as presence', () => {
  const { read, ended, flush } = setUp();
  read(0, face(1, 'happy'));
  read(100, face(1, 'happy'));
  read(1900, face(1, 'sad'));
  read(2000, face(1, 'sad'));
  flush();
  expect(ended[0]!.dwellMs).toBe(100 + 1000 + 100);
  expect(ended[0]!.shares.happy).toBeCloseTo(1100 / 1200, 10);
});

test('a hole longer than the gap ends the visit although the same track is in the next reading', () => {
  const { read, ended, flush } = setUp();
  for (const at of [0, 500, 1000]) read(at, face(1, 'happy'));
  for (const at of [3000, 3500, 4100]) read(at, face(1, 'happy'));
  flush();
  expect(ended.map(({ dwellMs }) => dwellMs)).toEqual([1000, 1100]);
});

test('without readings the visit ends by tick, at the last sight', () => {
  const { read, tick, ended } = setUp();
  for (const at of [0, 500, 1000]) read(at, face(1, 'happy'));
  tick(2999);
  expect(ended).toEqual([]);
  tick(3000);
  expect(ended).toHaveLength(1);
  expect(ended[0]!.dwellMs).toBe(1000);
  tick(9000);
  expect(ended).toHaveLength(1);
});

test('the time unseen before the stream stopped counts towards the gap', () => {
  const { read, tick, ended } = setUp();
  for (const at of [0, 500, 1000]) read(at, face(1, 'happy'));
  for (const at of [1500, 2000]) read(at);
  tick(3000);
  expect(ended).toHaveLength(1);
});

test('stays shorter than the minimum are dropped and use no number', () => {
  const { read, ended, flush } = setUp();
  read(0, face(1, 'happy'));
  read(499, face(1, 'happy'), face(2, 'sad'));
  read(999, face(2, 'sad'));
  flush();
  expect(ended.map(({ id, track, dwellMs }) => ({ id, track, dwellMs }))).toEqual([
    { id: 'boot-1', track: 2, dwellMs: 500 },
  ]);
});

test('with a minimum of 0 a single frame is a visit', () => {
  const { read, ended, flush } = setUp({ minDwellMs: 0 });
  read(10, face(4, 'sad'));
  flush();
  expect(ended[0]).toMatchObject({ dwellMs: 0, frames: 1, dominant: 'sad', shares: { angry: 0, happy: 0, sad: 1 } });
  expect(ended[0]).toMatchObject({ strongest: { label: 'sad' }, confidence: 0.8, happyShare: 0 });
});

test('a single frame without a name is a visit with its reason', () => {
  const { read, ended, flush } = setUp({ minDwellMs: 0 });
  read(10, unnamed(4, 'covered'));
  flush();
  expect(ended[0]).toMatchObject({ dwellMs: 0, dominant: 'uncertain', reasons: { covered: 1 }, strongest: null });
});

test('a monotonic clock that starts again is a new vision process: its track 1 is somebody else', () => {
  const { read, ended, flush } = setUp();
  for (const at of [100_000, 100_600]) read(at, face(1, 'happy'));
  for (const at of [200, 900]) read(at, face(1, 'sad'));
  flush();
  expect(ended.map(({ dominant, dwellMs }) => [dominant, dwellMs])).toEqual([
    ['happy', 600],
    ['sad', 700],
  ]);
});

test('an abstention takes its share of the time and has no probability', () => {
  const { read, ended, flush } = setUp();
  read(0, unnamed(1));
  read(600, face(1, 'happy', 0.9));
  read(1000, face(1, 'sad', 0.7));
  read(1600, face(1, 'sad', 0.7));
  flush();
  expect(ended[0]!.shares).toEqual({ angry: 0, happy: 0.25, sad: 0.375, uncertain: 0.375 });
  expect(ended[0]).toMatchObject({ dominant: 'sad', strongest: { label: 'happy', probability: 0.9 } });
  expect(ended[0]!.confidence).toBeCloseTo((0.9 + 0.7 + 0.7) / 3, 10);
  // 400 ms happy of 1000 ms with a name.
  expect(ended[0]!.happyShare).toBe(0.4);
});

test('each reason for an abstention has its share of the dwell', () => {
  const { read, ended, flush } = setUp();
  read(0, unnamed(1, 'small'));
  read(300, unnamed(1, 'dark'));
  read(900, unnamed(1));
  read(1000, face(1, 'sad'));
  // The last frame shows a reason for no time.
  read(1200, unnamed(1, 'blurred'));
  flush();
  expect(ended[0]).toMatchObject({ dominant: 'sad', happyShare: 0 });
  expect(ended[0]!.reasons).toEqual({ small: 0.25, dark: 0.5 });
});

test('a visit without a named moment has no strongest one, no confidence and no share', () => {
  const { read, ended, flush } = setUp();
  for (const at of [0, 300, 600]) read(at, unnamed(1, 'turned'));
  flush();
  expect(ended[0]!.shares).toEqual({ angry: 0, happy: 0, sad: 0, uncertain: 1 });
  expect(ended[0]).toMatchObject({ dominant: 'uncertain', frames: 3, reasons: { turned: 1 } });
  expect(ended[0]).toMatchObject({ strongest: null, confidence: null, happyShare: null });
});

test('a name in the last frame alone was shown for no time: no named moment', () => {
  const { read, ended, flush } = setUp();
  read(0, unnamed(1));
  read(600, face(1, 'happy'));
  flush();
  expect(ended[0]).toMatchObject({ dominant: 'uncertain', strongest: null, confidence: null, happyShare: null });
});

test('stays under way are told as the visits they would be, and go on unchanged', () => {
  const { read, flush, ended, underWay } = setUp();
  read(0, face(1, 'happy'));
  expect(underWay()).toEqual([]);
  for (let at = 100; at <= 1000; at += 100) read(at, face(1, 'happy'), ...(at > 600 ? [face(2, 'sad')] : []));
  expect(underWay()).toMatchObject([{ id: 'boot-1', track: 1, dwellMs: 1000, dominant: 'happy' }]);
  for (let at = 1100; at <= 2000; at += 100) read(at, face(1, 'happy'), face(2, 'sad'));
  const before = underWay();
  expect(before.map(({ id, track, dwellMs }) => [id, track, dwellMs])).toEqual([
    ['boot-1', 1, 2000],
    ['boot-2', 2, 1300],
  ]);
  flush();
  expect(ended).toEqual(before);
  expect(underWay()).toEqual([]);
});

test('flush ends everything once', () => {
  const { read, ended, flush } = setUp();
  for (const at of [0, 600]) read(at, face(1, 'happy'), face(2, 'sad'));
  flush();
  flush();
  expect(ended.map(({ track }) => track)).toEqual([1, 2]);
});

test.each([1, 0.5, 0.1])('at %d readings a second somebody who stays is one visit of their whole stay', (fps) => {
  const { read, tick, flush, ended } = setUp();
  const step = 1000 / fps;
  for (let frame = 0; frame < 10; frame++) {
    read(frame * step, face(1, 'happy'));
    // The first interval is known with the second reading.
    if (frame > 0) for (let part = 1; part < 8; part++) tick(frame * step + (part * step) / 8);
  }
  expect(ended).toEqual([]);
  flush();
  expect(ended).toMatchObject([{ track: 1, frames: 10, dwellMs: 9 * step, shares: { happy: 1 } }]);
});

test('also where readings come seldom, a visit ends without a further one', () => {
  const { read, tick, ended } = setUp();
  for (let frame = 0; frame < 4; frame++) read(frame * 2000, face(1, 'happy'));
  tick(6000 + 4900);
  expect(ended).toEqual([]);
  tick(6000 + 5000);
  expect(ended).toMatchObject([{ dwellMs: 6000 }]);
});
