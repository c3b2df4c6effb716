import { describe, expect, test } from 'vitest';
import { numbersFrom } from '../core/seeded-numbers.ts';
import { at, confirmingTracker, faceAt, idsOf, immediateTracker } from '../lab/fixtures/tracked-faces.ts';

test('a detection stays unchanged and gets an id, from 1 or from firstId on', () => {
  const face = faceAt(100, 100);
  const [tracked, ...others] = immediateTracker().update([face], 0);
  expect(others).toEqual([]);
  expect(tracked!.detection).toBe(face);
  expect(tracked!.track).toMatchObject({ id: 1, hasEnded: false });
  expect(idsOf(immediateTracker({ firstId: 42 }), [face, faceAt(400, 100)], 0)).toEqual([42, 43]);
});

describe('a person keeps the id', () => {
  test("in motion, also by more than the face's width per frame", () => {
    const tracker = immediateTracker();
    // From standing to 90 px a frame with a face of 60 px: only the prediction still overlaps.
    let x = 50;
    for (let frame = 0; frame < 16; frame++) {
      x += Math.min(90, frame * 12);
      expect(idsOf(tracker, [faceAt(x, 200)], at(frame))).toEqual([1]);
    }
  });

  test('in a jump of less than its size without overlap', () => {
    const tracker = immediateTracker();
    tracker.update([faceAt(100, 100)], 0);
    expect(idsOf(tracker, [faceAt(145, 100)], 33)).toEqual([1]);
  });

  test('over frames without a detection', () => {
    const tracker = immediateTracker();
    for (let frame = 0; frame < 10; frame++) tracker.update([faceAt(100 + 4 * frame, 100)], at(frame));
    for (let frame = 10; frame < 17; frame++) expect(tracker.update([], at(frame))).toEqual([]);
    expect(idsOf(tracker, [faceAt(100 + 4 * 17, 100)], at(17))).toEqual([1]);
  });

  test('while approaching or leaving', () => {
    const tracker = immediateTracker();
    for (let size = 30, frame = 0; size < 200; size *= 1.1, frame++) {
      expect(idsOf(tracker, [faceAt(320, 240, size)], at(frame))).toEqual([1]);
    }
  });

  test('hidden for 0.9 s, standing or walking', () => {
    for (const speed of [0, 2, 4]) {
      const tracker = immediateTracker();
      for (let frame = 0; frame < 30; frame++) tracker.update([faceAt(100 + speed * frame, 200)], at(frame));
      for (let frame = 30; frame < 57; frame++) tracker.update([], at(frame));
      expect(idsOf(tracker, [faceAt(100 + speed * 57, 200)], at(57))).toEqual([1]);
    }
  });

  test('with 30 % of its detections missing', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const next = numbersFrom(seed);
      const tracker = immediateTracker();
      for (let frame = 0; frame < 300; frame++) {
        const face = faceAt(320 + 150 * Math.sin(frame / 20), 200 + 10 * Math.cos(frame / 9), 40);
        const ids = idsOf(tracker, next() < 0.3 ? [] : [face], at(frame));
        expect(ids.every((id) => id === 1)).toBe(true);
      }
    }
  });

  test('while its score falls, but a low score starts no track', () => {
    const tracker = immediateTracker();
    tracker.update([faceAt(100, 100)], 0);
    for (let frame = 1; frame < 30; frame++) {
      const faces = [faceAt(100 + frame, 100, 60, 0.4), faceAt(400, 100, 60, 0.6)];
      expect(idsOf(tracker, faces, at(frame))).toEqual([1]);
    }
    expect(tracker.live.size).toBe(1);
    // Detections below `lowScore` are ignored.
    expect(idsOf(tracker, [faceAt(130, 100, 60, 0.25)], at(30))).toEqual([]);
  });

  test('but a weak detection does not continue a hidden face', () => {
    const tracker = immediateTracker();
    tracker.update([faceAt(100, 100)], 0);
    tracker.update([], 400);
    expect(idsOf(tracker, [faceAt(100, 100, 60, 0.5)], 433)).toEqual([]);
    expect(idsOf(tracker, [faceAt(100, 100)], 466)).toEqual([1]);
  });
});

test.each([20, 33, 50, 100, 200])('ids are stable in steps of 20 to %i ms', (ms) => {
  for (let seed = 1; seed <= 5; seed++) {
    const next = numbersFrom(seed);
    const tracker = immediateTracker();
    for (let mono = 0; mono < 10_000; mono += 20 + next() * (ms - 20)) {
      const swing = Math.sin(mono / 400);
      // Up to 2.5 heights a second, to and fro, past a person further back.
      expect(idsOf(tracker, [faceAt(300 + 60 * swing, 220), faceAt(300, 120, 24)], mono)).toEqual([1, 2]);
    }
  }
});

describe('two people', () => {
  test('side by side keep their ids, in any order of detections', () => {
    const tracker = immediateTracker();
    expect(idsOf(tracker, [faceAt(200, 200), faceAt(270, 200)], 0)).toEqual([1, 2]);
    for (let frame = 1; frame < 20; frame++) {
      const sway = 8 * Math.sin(frame / 3);
      const left = faceAt(200 + sway, 200);
      const right = faceAt(270 + sway, 200);
      const turned = frame % 2 === 1;
      expect(idsOf(tracker, turned ? [right, left] : [left, right], at(frame))).toEqual(turned ? [2, 1] : [1, 2]);
    }
  });

  test.each([2, 4, 8])(
    'that cross, one hidden behind the other for a moment, keep their ids at %i px a frame',
    (speed) => {
      for (const drift of [0, 0.5]) {
        const tracker = immediateTracker();
        const frames = Math.round(400 / speed);
        for (let frame = 0; frame < frames; frame++) {
          const front = faceAt(120 + speed * frame, 200, 60);
          const back = faceAt(520 - speed * frame, 196 + drift * frame, 50);
          const distance = Math.abs(front.box.x - back.box.x);
          const isHidden = distance < 40 && drift * frame < 40;
          const ids = idsOf(tracker, isHidden ? [front] : [front, back], at(frame));
          expect(ids).toEqual(isHidden ? [1] : [1, 2]);
        }
      }
    },
  );

  test('keep their ids with a shaking camera', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const next = numbersFrom(seed);
      const shaken = () => 16 * (next() - 0.5);
      const tracker = immediateTracker();
      for (let frame = 0; frame < 100; frame++) {
        const [dx, dy] = [shaken(), shaken()];
        const faces = [faceAt(200 + dx, 200 + dy, 40), faceAt(240 + dx, 204 + dy, 40)];
        expect(idsOf(tracker, faces, at(frame))).toEqual([1, 2]);
      }
    }
  });

  test('a new face does not take the id of a face that is hidden for a moment', () => {
    const tracker = immediateTracker();
    tracker.update([faceAt(200, 200)], 0);
    expect(idsOf(tracker, [faceAt(500, 200)], 33)).toEqual([2]);
    expect(idsOf(tracker, [faceAt(202, 200), faceAt(500, 200)], 66)).toEqual([1, 2]);
  });

  test('a new face beside a visible one does not take its id', () => {
    const tracker = immediateTracker();
    for (let frame = 0; frame < 20; frame++) tracker.update([faceAt(200, 200), faceAt(262, 200)], at(frame));
    // The left face is hidden, and another enters at the right. A chain of small shifts would rename both.
    for (let frame = 20; frame < 30; frame++) tracker.update([faceAt(262, 200)], at(frame));
    expect(idsOf(tracker, [faceAt(262, 200), faceAt(324, 200)], at(30))).toEqual([2, 3]);
  });

  test('a small face that appears within a large one has its own id', () => {
    const tracker = immediateTracker();
    tracker.update([faceAt(200, 200, 120)], 0);
    expect(idsOf(tracker, [faceAt(205, 205, 40)], 33)).toEqual([2]);
  });
});

describe('a track ends', () => {
  test('lostMs after its last detection, and not before', () => {
    const tracker = immediateTracker();
    const [tracked] = tracker.update([faceAt(100, 100)], 0);
    const { track } = tracked!;
    tracker.update([], 1000);
    expect([tracker.live.size, track.hasEnded]).toEqual([1, false]);
    tracker.update([], 1001);
    expect([tracker.live.size, track.hasEnded]).toEqual([0, true]);
    expect(idsOf(tracker, [faceAt(100, 100)], 1002)).toEqual([2]);
  });

  test('and its id is never reused', () => {
    const tracker = immediateTracker({ lostMs: 100 });
    const seen = [0, 1, 2, 3].flatMap((visit) => idsOf(tracker, [faceAt(100, 100)], visit * 1000));
    expect(seen).toEqual([1, 2, 3, 4]);
  });
});

test('a standing person keeps the id over a second of dropped frames', () => {
  const tracker = immediateTracker({ lostMs: 2000 });
  for (let frame = 0; frame < 5; frame++) tracker.update([faceAt(100 + 10 * frame, 100)], at(frame));
  // One second without a frame: constant velocity would predict the face 300 px away.
  expect(idsOf(tracker, [faceAt(190, 100)], at(4) + 1000)).toEqual([1]);
});

describe('at low frame rates', () => {
  test.each([1, 0.5, 0.1])('at %d a second, a person who stays keeps one id, also if missed once', (fps) => {
    const tracker = confirmingTracker();
    const late = numbersFrom(1);
    const seen = Array.from({ length: 12 }, (_, frame) => {
      const mono = (frame * 1000 + 100 * late()) / fps;
      return idsOf(tracker, frame === 6 ? [] : [faceAt(100 + 10 * (frame % 3), 100)], mono);
    });
    const [first, ...later] = seen;
    expect(first).toEqual([]);
    expect(later).toEqual(later.map((_, at) => (at === 5 ? [] : [1])));
  });

  test('independent pictures share no track, whatever their times', () => {
    const tracker = immediateTracker({ lostMs: 1 });
    tracker.update([faceAt(100, 100)], 1000);
    expect(idsOf(tracker, [faceAt(100, 100), faceAt(300, 100, 60, 0.4)], 2000)).toEqual([2]);
    expect(idsOf(tracker, [faceAt(100, 100, 60, 0.4)], 3000)).toEqual([]);
  });

  test('a person who was missed twice has left', () => {
    const tracker = confirmingTracker();
    for (let frame = 0; frame < 4; frame++) tracker.update([faceAt(100, 100)], 2000 * frame);
    tracker.update([], 8000);
    tracker.update([], 10_000);
    expect(idsOf(tracker, [faceAt(100, 100)], 12_000)).toEqual([2]);
  });
});

test('100,000 frames: no id is lost or swapped, and the number of tracks stays small', () => {
  const next = numbersFrom(11);
  const tracker = confirmingTracker();
  let mono = 0;
  for (let frame = 0; frame < 100_000; frame++) {
    mono += 20 + 20 * next();
    const [a, b] = [
      faceAt(150 + 100 * Math.sin(mono / 700), 150, 50 + 20 * Math.sin(mono / 900)),
      faceAt(480, 300, 30),
    ];
    const faces = [a, b].filter(() => next() > 0.1);
    // False positives that flicker.
    if (next() < 0.02) faces.push(faceAt(640 * next(), 450, 40, 0.8));
    const ids = idsOf(tracker, faces, mono);
    const isRight = ids.every((id) => id === 1 || id === 2);
    if (!isRight || tracker.live.size > 8) throw new Error(JSON.stringify({ frame, ids, live: tracker.live.size }));
  }
});
