import { describe, expect, test } from 'vitest';
import type { Detection } from '../core/types.ts';
import { createTracker } from './tracker.ts';

/** A face by its centre. */
function faceAt(x: number, y: number, size = 60): Detection {
  return { box: { x: x - size / 2, y: y - size / 2, width: size, height: size }, score: 0.9 };
}

function tracksOf(tracker: ReturnType<typeof createTracker>, faces: readonly Detection[], mono: number): number[] {
  return tracker.update(faces, mono).map(({ track }) => track);
}

test('a detection keeps what it has and gets a number, from 1 or from the first that is free', () => {
  const face = faceAt(100, 100);
  expect(createTracker({ lostMs: 1000 }).update([face], 0)).toEqual([{ ...face, track: 1 }]);
  expect(tracksOf(createTracker({ lostMs: 1000, firstId: 42 }), [face, faceAt(400, 100)], 0)).toEqual([42, 43]);
});

describe('a person stays the same', () => {
  test('in motion, also when it is faster than the face is wide', () => {
    const tracker = createTracker({ lostMs: 1000 });
    // From standing to 90 px a frame at 60 px of face: only the prediction still overlaps.
    let x = 50;
    for (let frame = 0; frame < 16; frame++) {
      x += Math.min(90, frame * 12);
      expect(tracksOf(tracker, [faceAt(x, 200)], frame * 33)).toEqual([1]);
    }
  });

  test('in a jump of less than its size, which leaves no overlap at first', () => {
    const tracker = createTracker({ lostMs: 1000 });
    tracker.update([faceAt(100, 100)], 0);
    expect(tracksOf(tracker, [faceAt(144, 100)], 33)).toEqual([1]);
  });

  test('over frames in which it was not found', () => {
    const tracker = createTracker({ lostMs: 1000 });
    for (let frame = 0; frame < 10; frame++) tracker.update([faceAt(100 + 4 * frame, 100)], frame * 33);
    for (let frame = 10; frame < 17; frame++) expect(tracker.update([], frame * 33)).toEqual([]);
    expect(tracksOf(tracker, [faceAt(100 + 4 * 17, 100)], 17 * 33)).toEqual([1]);
  });

  test('when it comes nearer or goes away', () => {
    const tracker = createTracker({ lostMs: 1000 });
    for (let size = 30, mono = 0; size < 200; size *= 1.1, mono += 33) {
      expect(tracksOf(tracker, [faceAt(320, 240, size)], mono)).toEqual([1]);
    }
  });
});

describe('two people', () => {
  test('side by side keep their numbers, in whatever order they are found', () => {
    const tracker = createTracker({ lostMs: 1000 });
    expect(tracksOf(tracker, [faceAt(200, 200), faceAt(270, 200)], 0)).toEqual([1, 2]);
    for (let frame = 1; frame < 20; frame++) {
      const sway = 8 * Math.sin(frame / 3);
      const left = faceAt(200 + sway, 200);
      const right = faceAt(270 + sway, 200);
      const turned = frame % 2 === 1;
      expect(tracksOf(tracker, turned ? [right, left] : [left, right], frame * 33)).toEqual(turned ? [2, 1] : [1, 2]);
    }
  });

  test('a newcomer does not take the number of somebody who is hidden for a moment', () => {
    const tracker = createTracker({ lostMs: 1000 });
    tracker.update([faceAt(200, 200)], 0);
    expect(tracksOf(tracker, [faceAt(500, 200)], 33)).toEqual([2]);
    expect(tracksOf(tracker, [faceAt(202, 200), faceAt(500, 200)], 66)).toEqual([1, 2]);
  });

  test('a far face that appears within a near one is somebody else', () => {
    const tracker = createTracker({ lostMs: 1000 });
    tracker.update([faceAt(200, 200, 120)], 0);
    expect(tracksOf(tracker, [faceAt(205, 205, 40)], 33)).toEqual([2]);
  });
});

describe('a track ends', () => {
  test('when it was not seen for lostMs, and not before', () => {
    const tracker = createTracker({ lostMs: 1000 });
    tracker.update([faceAt(100, 100)], 0);
    tracker.update([], 1000);
    expect([...tracker.live]).toEqual([1]);
    tracker.update([], 1001);
    expect([...tracker.live]).toEqual([]);
    expect(tracksOf(tracker, [faceAt(100, 100)], 1002)).toEqual([2]);
  });

  test('and its number is never given again', () => {
    const tracker = createTracker({ lostMs: 100 });
    const seen = [0, 1, 2, 3].flatMap((visit) => tracksOf(tracker, [faceAt(100, 100)], visit * 1000));
    expect(seen).toEqual([1, 2, 3, 4]);
  });
});

test('somebody who stands still while frames are dropped is not predicted out of the picture', () => {
  const tracker = createTracker({ lostMs: 2000 });
  for (let frame = 0; frame < 5; frame++) tracker.update([faceAt(100 + 10 * frame, 100)], frame * 33);
  // A second without a frame: constant velocity for all of it would look 300 px away.
  expect(tracksOf(tracker, [faceAt(190, 100)], 4 * 33 + 1000)).toEqual([1]);
});
