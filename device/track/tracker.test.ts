import { describe, expect, test } from 'vitest';
import type { Detection } from '../core/types.ts';
import { numbersFrom } from '../lab/fixtures/numbers.ts';
import { createTracker, type Tracked, type Tracker, type TrackerOptions } from './tracker.ts';

/** A face by its centre, as YuNet draws it. */
function faceAt(x: number, y: number, height = 60, score = 0.9): Detection {
  const width = 0.75 * height;
  const box = { x: x - width / 2, y: y - height / 2, width, height };
  const point = (across: number, down: number) => ({ x: box.x + across * width, y: box.y + down * height });
  const landmarks = {
    eyeLeft: point(0.27, 0.36),
    eyeRight: point(0.73, 0.36),
    nose: point(0.5, 0.55),
    mouthLeft: point(0.3, 0.72),
    mouthRight: point(0.7, 0.72),
  };
  return { box, score, landmarks };
}

/** A hand: nose beyond the eyes, which lie on each other. */
function handAt(x: number, y: number): Detection {
  const face = faceAt(x, y);
  const { eyeLeft } = face.landmarks!;
  return { ...face, landmarks: { ...face.landmarks!, eyeRight: { x: eyeLeft.x + 2, y: eyeLeft.y } } };
}

/** Confirms at first sight, for what is not about confirmation. */
function trusting(options: Partial<TrackerOptions> = {}): Tracker {
  return createTracker({ lostMs: 1000, minScore: 0.7, confirmMs: 0, ...options });
}

function careful(options: Partial<TrackerOptions> = {}): Tracker {
  return createTracker({ lostMs: 1000, minScore: 0.7, ...options });
}

/** The numbers told to the world, in the order of the detections. */
function idsOf(tracker: Tracker, faces: readonly Detection[], mono: number): number[] {
  return tracker.update(faces, mono).flatMap(({ track }) => track.id ?? []);
}

/** Monotonic ms of a frame at 30 a second. */
const at = (frame: number) => (frame * 1000) / 30;

test('a detection keeps what it has and gets a number, from 1 or from the first that is free', () => {
  const face = faceAt(100, 100);
  const [tracked, ...others] = trusting().update([face], 0);
  expect(others).toEqual([]);
  expect(tracked!.detection).toBe(face);
  expect(tracked!.track).toMatchObject({ id: 1, hasEnded: false });
  expect(idsOf(trusting({ firstId: 42 }), [face, faceAt(400, 100)], 0)).toEqual([42, 43]);
});

describe('a person stays the same', () => {
  test('in motion, also when it is faster than the face is wide', () => {
    const tracker = trusting();
    // From standing to 90 px a frame at 60 px of face: only the prediction still overlaps.
    let x = 50;
    for (let frame = 0; frame < 16; frame++) {
      x += Math.min(90, frame * 12);
      expect(idsOf(tracker, [faceAt(x, 200)], at(frame))).toEqual([1]);
    }
  });

  test('in a jump of less than its size, which leaves no overlap at first', () => {
    const tracker = trusting();
    tracker.update([faceAt(100, 100)], 0);
    expect(idsOf(tracker, [faceAt(145, 100)], 33)).toEqual([1]);
  });

  test('over frames in which it was not found', () => {
    const tracker = trusting();
    for (let frame = 0; frame < 10; frame++) tracker.update([faceAt(100 + 4 * frame, 100)], at(frame));
    for (let frame = 10; frame < 17; frame++) expect(tracker.update([], at(frame))).toEqual([]);
    expect(idsOf(tracker, [faceAt(100 + 4 * 17, 100)], at(17))).toEqual([1]);
  });

  test('when it comes nearer or goes away', () => {
    const tracker = trusting();
    for (let size = 30, frame = 0; size < 200; size *= 1.1, frame++) {
      expect(idsOf(tracker, [faceAt(320, 240, size)], at(frame))).toEqual([1]);
    }
  });

  test('hidden for 0.9 s, standing or walking on behind what hides it', () => {
    for (const speed of [0, 2, 4]) {
      const tracker = trusting();
      for (let frame = 0; frame < 30; frame++) tracker.update([faceAt(100 + speed * frame, 200)], at(frame));
      for (let frame = 30; frame < 57; frame++) tracker.update([], at(frame));
      expect(idsOf(tracker, [faceAt(100 + speed * 57, 200)], at(57))).toEqual([1]);
    }
  });

  test('where 30 % of its detections are missing', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const next = numbersFrom(seed);
      const tracker = trusting();
      for (let frame = 0; frame < 300; frame++) {
        const face = faceAt(320 + 150 * Math.sin(frame / 20), 200 + 10 * Math.cos(frame / 9), 40);
        const ids = idsOf(tracker, next() < 0.3 ? [] : [face], at(frame));
        expect(ids.every((id) => id === 1)).toBe(true);
      }
    }
  });

  test('while it turns away and its score falls, but nobody new starts so', () => {
    const tracker = trusting();
    tracker.update([faceAt(100, 100)], 0);
    for (let frame = 1; frame < 30; frame++) {
      const faces = [faceAt(100 + frame, 100, 60, 0.4), faceAt(400, 100, 60, 0.6)];
      expect(idsOf(tracker, faces, at(frame))).toEqual([1]);
    }
    expect(tracker.live.size).toBe(1);
    // Below the lowest there is nothing to go by.
    expect(idsOf(tracker, [faceAt(130, 100, 60, 0.25)], at(30))).toEqual([]);
  });

  test('but a weak detection does not speak for somebody who was hidden', () => {
    const tracker = trusting();
    tracker.update([faceAt(100, 100)], 0);
    tracker.update([], 400);
    expect(idsOf(tracker, [faceAt(100, 100, 60, 0.5)], 433)).toEqual([]);
    expect(idsOf(tracker, [faceAt(100, 100)], 466)).toEqual([1]);
  });
});

test.each([20, 33, 50, 100, 200])('steps of %i ms, and of any mixture up to that', (ms) => {
  for (let seed = 1; seed <= 5; seed++) {
    const next = numbersFrom(seed);
    const tracker = trusting();
    for (let mono = 0; mono < 10_000; mono += 20 + next() * (ms - 20)) {
      const swing = Math.sin(mono / 400);
      // Up to 2.5 of its own heights a second, to and fro, past somebody who sits further back.
      expect(idsOf(tracker, [faceAt(300 + 60 * swing, 220), faceAt(300, 120, 24)], mono)).toEqual([1, 2]);
    }
  }
});

describe('two people', () => {
  test('side by side keep their numbers, in whatever order they are found', () => {
    const tracker = trusting();
    expect(idsOf(tracker, [faceAt(200, 200), faceAt(270, 200)], 0)).toEqual([1, 2]);
    for (let frame = 1; frame < 20; frame++) {
      const sway = 8 * Math.sin(frame / 3);
      const left = faceAt(200 + sway, 200);
      const right = faceAt(270 + sway, 200);
      const turned = frame % 2 === 1;
      expect(idsOf(tracker, turned ? [right, left] : [left, right], at(frame))).toEqual(turned ? [2, 1] : [1, 2]);
    }
  });

  test.each([2, 4, 8])('that cross, the one hidden behind the other for a moment, at %i px a frame', (speed) => {
    for (const drift of [0, 0.5]) {
      const tracker = trusting();
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
  });

  test('with a camera that shakes', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const next = numbersFrom(seed);
      const shaken = () => 16 * (next() - 0.5);
      const tracker = trusting();
      for (let frame = 0; frame < 100; frame++) {
        const [dx, dy] = [shaken(), shaken()];
        const faces = [faceAt(200 + dx, 200 + dy, 40), faceAt(240 + dx, 204 + dy, 40)];
        expect(idsOf(tracker, faces, at(frame))).toEqual([1, 2]);
      }
    }
  });

  test('a newcomer does not take the number of somebody who is hidden for a moment', () => {
    const tracker = trusting();
    tracker.update([faceAt(200, 200)], 0);
    expect(idsOf(tracker, [faceAt(500, 200)], 33)).toEqual([2]);
    expect(idsOf(tracker, [faceAt(202, 200), faceAt(500, 200)], 66)).toEqual([1, 2]);
  });

  test('nor does one beside somebody who is there push that one aside', () => {
    const tracker = trusting();
    for (let frame = 0; frame < 20; frame++) tracker.update([faceAt(200, 200), faceAt(262, 200)], at(frame));
    // The left one is hidden; somebody comes in at the right. A chain of small shifts would rename both.
    for (let frame = 20; frame < 30; frame++) tracker.update([faceAt(262, 200)], at(frame));
    expect(idsOf(tracker, [faceAt(262, 200), faceAt(324, 200)], at(30))).toEqual([2, 3]);
  });

  test('a far face that appears within a near one is somebody else', () => {
    const tracker = trusting();
    tracker.update([faceAt(200, 200, 120)], 0);
    expect(idsOf(tracker, [faceAt(205, 205, 40)], 33)).toEqual([2]);
  });
});

describe('a track ends', () => {
  test('when it was not seen for lostMs, and not before', () => {
    const tracker = trusting();
    const [tracked] = tracker.update([faceAt(100, 100)], 0);
    const { track } = tracked!;
    tracker.update([], 1000);
    expect([tracker.live.size, track.hasEnded]).toEqual([1, false]);
    tracker.update([], 1001);
    expect([tracker.live.size, track.hasEnded]).toEqual([0, true]);
    expect(idsOf(tracker, [faceAt(100, 100)], 1002)).toEqual([2]);
  });

  test('and its number is never given again', () => {
    const tracker = trusting({ lostMs: 100 });
    const seen = [0, 1, 2, 3].flatMap((visit) => idsOf(tracker, [faceAt(100, 100)], visit * 1000));
    expect(seen).toEqual([1, 2, 3, 4]);
  });
});

test('somebody who stands still while frames are dropped is not predicted out of the picture', () => {
  const tracker = trusting({ lostMs: 2000 });
  for (let frame = 0; frame < 5; frame++) tracker.update([faceAt(100 + 10 * frame, 100)], at(frame));
  // A second without a frame: constant velocity for all of it would look 300 px away.
  expect(idsOf(tracker, [faceAt(190, 100)], at(4) + 1000)).toEqual([1]);
});

describe('where frames come seldom', () => {
  test.each([1, 0.5, 0.1])('at %d a second, somebody who stays is one person, also if missed once', (fps) => {
    const tracker = careful();
    const late = numbersFrom(1);
    const seen = Array.from({ length: 12 }, (_, frame) => {
      const mono = (frame * 1000 + 100 * late()) / fps;
      return idsOf(tracker, frame === 6 ? [] : [faceAt(100 + 10 * (frame % 3), 100)], mono);
    });
    const [first, ...later] = seen;
    expect(first).toEqual([]);
    expect(later).toEqual(later.map((_, at) => (at === 5 ? [] : [1])));
  });

  test('pictures that stand alone have nothing in common, whatever their times', () => {
    const tracker = trusting({ lostMs: 1 });
    tracker.update([faceAt(100, 100)], 1000);
    expect(idsOf(tracker, [faceAt(100, 100), faceAt(300, 100, 60, 0.4)], 2000)).toEqual([2]);
    expect(idsOf(tracker, [faceAt(100, 100, 60, 0.4)], 3000)).toEqual([]);
  });

  test('somebody who was missed twice has left', () => {
    const tracker = careful();
    for (let frame = 0; frame < 4; frame++) tracker.update([faceAt(100, 100)], 2000 * frame);
    tracker.update([], 8000);
    tracker.update([], 10_000);
    expect(idsOf(tracker, [faceAt(100, 100)], 12_000)).toEqual([2]);
  });
});

describe('confirmation', () => {
  /** Not clear enough to be believed at the second sight. */
  const dimFaceAt = (x: number, y: number) => faceAt(x, y, 60, 0.8);

  /** Time of the first frame with a number, for a face that is there from 0 on. */
  function confirmedAfter(intervalMs: number, options: Partial<TrackerOptions> = {}): number {
    const tracker = careful(options);
    for (let mono = 0; ; mono += intervalMs) {
      const ids = idsOf(tracker, [dimFaceAt(100, 100)], mono);
      if (ids.length > 0) return mono;
      if (mono > 10_000) return Number.POSITIVE_INFINITY;
    }
  }

  test.each([
    [60, 133],
    [30, 133],
    [24, 125],
    [12, 167],
    [10, 200],
    [5, 400],
    [2, 500],
    // Frames that lie further apart than a track lives: the second of them is believed at once.
    [0.5, 2000],
  ])('at %d frames a second after %d ms', (fps, ms) => {
    expect(confirmedAfter(1000 / fps)).toBeCloseTo(ms, -1);
  });

  test('a gap among frames that come often proves nothing: what was seen once is waited for as ever', () => {
    const tracker = careful();
    idsOf(tracker, [], at(0));
    idsOf(tracker, [], at(1));
    const ids = [0, 1, 2, 3, 4].map((frame) => idsOf(tracker, [dimFaceAt(100, 100)], 5000 + at(frame)));
    expect(ids).toEqual([[], [], [], [], [1]]);
  });

  test('a clear face is one at its second sight; one that is not clear in every frame is waited for', () => {
    const confirmedAt = (...scores: readonly number[]) => {
      const tracker = careful();
      return scores.findIndex((score, frame) => idsOf(tracker, [faceAt(100, 100, 60, score)], at(frame)).length > 0);
    };
    expect(confirmedAt(0.85, 0.85)).toBe(1);
    expect(confirmedAt(0.84, 0.95, 0.95, 0.95, 0.95)).toBe(4);
    expect(confirmedAt(0.95, 0.84, 0.95, 0.95, 0.95)).toBe(4);
  });

  test('what has no landmarks, or is missed in between, is never clear', () => {
    const { landmarks: _, ...haar } = faceAt(100, 100, 60, 1);
    const cascade = careful();
    expect([0, 1, 2, 3, 4].map((frame) => idsOf(cascade, [haar], at(frame)).length)).toEqual([0, 0, 0, 0, 1]);
    const blinking = careful();
    const face = faceAt(100, 100, 60, 0.95);
    expect([[face], [], [face]].map((faces, frame) => idsOf(blinking, faces, at(frame)).length)).toEqual([0, 0, 0]);
  });

  test('until then it has a track without a number, which it keeps', () => {
    const tracker = careful();
    const tracks = [0, 1, 2, 3, 4, 5].map((frame) => tracker.update([dimFaceAt(100, 100)], at(frame))[0]!.track);
    expect(new Set(tracks).size).toBe(1);
    expect(tracks[0]).toMatchObject({ id: 1 });
    expect(tracker.live).toEqual(new Set([tracks[0]!.key]));
  });

  test('numbers come in its order', () => {
    const tracker = careful({ firstId: 7 });
    const [flicker, face] = [dimFaceAt(100, 100), dimFaceAt(400, 100)];
    tracker.update([flicker], at(0));
    for (let frame = 1; frame < 10; frame++) tracker.update([face], at(frame));
    expect(idsOf(tracker, [face], at(10))).toEqual([7]);
  });

  test('two who come in at once are two', () => {
    const tracker = careful();
    const seen = Array.from({ length: 10 }, (_, frame) =>
      idsOf(tracker, [dimFaceAt(40 + 6 * frame, 200), dimFaceAt(600 - 6 * frame, 200)], at(frame)),
    );
    expect(seen).toEqual([[], [], [], [], ...Array.from({ length: 6 }, () => [1, 2])]);
  });

  test.each([1, 2, 3, 4])('what is there for %i frames is nobody, however often it comes back', (frames) => {
    const tracker = careful();
    for (let frame = 0; frame < 600; frame++) {
      const isThere = frame % 20 < frames;
      expect(idsOf(tracker, isThere ? [dimFaceAt(100, 100)] : [], at(frame))).toEqual([]);
    }
  });

  test('what is there in two frames of five is nobody', () => {
    const tracker = careful();
    for (let frame = 0; frame < 600; frame++) {
      expect(idsOf(tracker, frame % 5 === 0 || frame % 5 === 2 ? [dimFaceAt(100, 100)] : [], at(frame))).toEqual([]);
    }
  });

  test('a hand is nobody, a head that looks up from it is somebody', () => {
    const tracker = careful();
    for (let frame = 0; frame < 60; frame++) expect(idsOf(tracker, [handAt(100, 100)], at(frame))).toEqual([]);
    let frame = 60;
    while (idsOf(tracker, [dimFaceAt(100, 100)], at(frame)).length === 0) frame += 1;
    expect(frame).toBeLessThan(60 + 8);
    // Confirmed once, it may turn to the side.
    expect(idsOf(tracker, [handAt(100, 100)], at(frame + 1))).toEqual([1]);
  });

  describe('what the classifier rejects', () => {
    /** Shows the face in each frame until it has a number; how many frames that took. */
    function framesUntilConfirmed(tracker: Tracker, face: Detection, reject: number, from = 0): number {
      for (let frame = 0; frame < 100; frame++) {
        const [{ track }] = tracker.update([face], at(from + frame)) as [Tracked];
        if (track.id !== undefined) return frame;
        tracker.addReject(track, reject);
      }
      return Number.POSITIVE_INFINITY;
    }

    test('is nobody, however sure the detector is', () => {
      const frames = (reject: number) =>
        framesUntilConfirmed(careful({ maxReject: 0.6 }), faceAt(100, 100, 60, 0.95), reject);
      expect(frames(0.65)).toBe(Number.POSITIVE_INFINITY);
      expect(frames(0.55)).toBe(4);
      // Not doubted: at the second sight.
      expect(frames(0.45)).toBe(1);
    });

    test('until it does no more', () => {
      const tracker = careful();
      expect(framesUntilConfirmed(tracker, faceAt(100, 100, 60, 0.8), 0.9)).toBe(Number.POSITIVE_INFINITY);
      expect(framesUntilConfirmed(tracker, faceAt(100, 100, 60, 0.8), 0.1, 100)).toBeLessThan(12);
    });
  });

  test('an answer about a track that has ended is no fault', () => {
    const tracker = careful();
    const [tracked] = tracker.update([dimFaceAt(100, 100)], 0);
    for (let frame = 1; frame < 40; frame++) tracker.update([], at(frame));
    tracker.addReject(tracked!.track, 1);
    expect(tracker.live.size).toBe(0);
  });
});

test('100,000 frames: no number is lost or confused, and nothing piles up', () => {
  const next = numbersFrom(11);
  const tracker = careful();
  let mono = 0;
  for (let frame = 0; frame < 100_000; frame++) {
    mono += 20 + 20 * next();
    const [a, b] = [
      faceAt(150 + 100 * Math.sin(mono / 700), 150, 50 + 20 * Math.sin(mono / 900)),
      faceAt(480, 300, 30),
    ];
    const faces = [a, b].filter(() => next() > 0.1);
    // Something that flickers here and there.
    if (next() < 0.02) faces.push(faceAt(640 * next(), 450, 40, 0.8));
    const ids = idsOf(tracker, faces, mono);
    const isRight = ids.every((id) => id === 1 || id === 2);
    if (!isRight || tracker.live.size > 8) throw new Error(JSON.stringify({ frame, ids, live: tracker.live.size }));
  }
});
