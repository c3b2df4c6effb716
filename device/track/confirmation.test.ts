import { describe, expect, test } from 'vitest';
import type { Detection } from '../core/types.ts';
import { at, confirmingTracker, faceAt, handAt, idsOf } from '../lab/fixtures/tracked-faces.ts';
import type { Tracked, Tracker, TrackerOptions } from './tracker.ts';

describe('confirmation', () => {
  /** Not clear enough to be confirmed at the second detection. */
  const dimFaceAt = (x: number, y: number) => faceAt(x, y, 60, 0.8);

  /** Time of the first frame with an id, for a face that is present from 0 on. */
  function confirmedAfter(intervalMs: number, options: Partial<TrackerOptions> = {}): number {
    const tracker = confirmingTracker(options);
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
    // Frames further apart than a track lives: the second of them confirms at once.
    [0.5, 2000],
  ])('at %d frames a second it takes %d ms', (fps, ms) => {
    expect(confirmedAfter(1000 / fps)).toBeCloseTo(ms, -1);
  });

  test('a gap between frequent frames does not shorten the confirmation', () => {
    const tracker = confirmingTracker();
    idsOf(tracker, [], at(0));
    idsOf(tracker, [], at(1));
    const ids = [0, 1, 2, 3, 4].map((frame) => idsOf(tracker, [dimFaceAt(100, 100)], 5000 + at(frame)));
    expect(ids).toEqual([[], [], [], [], [1]]);
  });

  test('a face that is clear in every frame is confirmed at the second detection, others later', () => {
    const confirmedAt = (...scores: readonly number[]) => {
      const tracker = confirmingTracker();
      return scores.findIndex((score, frame) => idsOf(tracker, [faceAt(100, 100, 60, score)], at(frame)).length > 0);
    };
    expect(confirmedAt(0.85, 0.85)).toBe(1);
    expect(confirmedAt(0.84, 0.95, 0.95, 0.95, 0.95)).toBe(4);
    expect(confirmedAt(0.95, 0.84, 0.95, 0.95, 0.95)).toBe(4);
  });

  test('a face without landmarks or with a missed frame is never clear', () => {
    const { landmarks: _, ...haar } = faceAt(100, 100, 60, 1);
    const cascade = confirmingTracker();
    expect([0, 1, 2, 3, 4].map((frame) => idsOf(cascade, [haar], at(frame)).length)).toEqual([0, 0, 0, 0, 1]);
    const blinking = confirmingTracker();
    const face = faceAt(100, 100, 60, 0.95);
    expect([[face], [], [face]].map((faces, frame) => idsOf(blinking, faces, at(frame)).length)).toEqual([0, 0, 0]);
  });

  test('a tentative track has no id and stays the same track when confirmed', () => {
    const tracker = confirmingTracker();
    const tracks = [0, 1, 2, 3, 4, 5].map((frame) => tracker.update([dimFaceAt(100, 100)], at(frame))[0]!.track);
    expect(new Set(tracks).size).toBe(1);
    expect(tracks[0]).toMatchObject({ id: 1 });
    expect(tracker.live).toEqual(new Set([tracks[0]!.key]));
  });

  test('ids are assigned in the order of confirmation', () => {
    const tracker = confirmingTracker({ firstId: 7 });
    const [flicker, face] = [dimFaceAt(100, 100), dimFaceAt(400, 100)];
    tracker.update([flicker], at(0));
    for (let frame = 1; frame < 10; frame++) tracker.update([face], at(frame));
    expect(idsOf(tracker, [face], at(10))).toEqual([7]);
  });

  test('two faces that appear at once have two ids', () => {
    const tracker = confirmingTracker();
    const seen = Array.from({ length: 10 }, (_, frame) =>
      idsOf(tracker, [dimFaceAt(40 + 6 * frame, 200), dimFaceAt(600 - 6 * frame, 200)], at(frame)),
    );
    expect(seen).toEqual([[], [], [], [], ...Array.from({ length: 6 }, () => [1, 2])]);
  });

  test.each([1, 2, 3, 4])('a detection of %i frames is never confirmed, however often it repeats', (frames) => {
    const tracker = confirmingTracker();
    for (let frame = 0; frame < 600; frame++) {
      const isThere = frame % 20 < frames;
      expect(idsOf(tracker, isThere ? [dimFaceAt(100, 100)] : [], at(frame))).toEqual([]);
    }
  });

  test('a detection in two of five frames is never confirmed', () => {
    const tracker = confirmingTracker();
    for (let frame = 0; frame < 600; frame++) {
      expect(idsOf(tracker, frame % 5 === 0 || frame % 5 === 2 ? [dimFaceAt(100, 100)] : [], at(frame))).toEqual([]);
    }
  });

  test('a hand is not confirmed, a face at its place is', () => {
    const tracker = confirmingTracker();
    for (let frame = 0; frame < 60; frame++) expect(idsOf(tracker, [handAt(100, 100)], at(frame))).toEqual([]);
    let frame = 60;
    while (idsOf(tracker, [dimFaceAt(100, 100)], at(frame)).length === 0) frame += 1;
    expect(frame).toBeLessThan(60 + 8);
    // A confirmed face may turn to the side.
    expect(idsOf(tracker, [handAt(100, 100)], at(frame + 1))).toEqual([1]);
  });

  describe('a face that the classifier rejects', () => {
    /** Number of frames, all with the face, until it has an id. */
    function framesUntilConfirmed(tracker: Tracker, face: Detection, reject: number, from = 0): number {
      for (let frame = 0; frame < 100; frame++) {
        const [{ track }] = tracker.update([face], at(from + frame)) as [Tracked];
        if (track.id !== undefined) return frame;
        tracker.addReject(track, reject);
      }
      return Number.POSITIVE_INFINITY;
    }

    test('is not confirmed, whatever the score of the detector', () => {
      const frames = (reject: number) =>
        framesUntilConfirmed(confirmingTracker({ maxReject: 0.6 }), faceAt(100, 100, 60, 0.95), reject);
      expect(frames(0.65)).toBe(Number.POSITIVE_INFINITY);
      expect(frames(0.55)).toBe(4);
      // Accepted by the classifier: at the second detection.
      expect(frames(0.45)).toBe(1);
    });

    test('is confirmed once the classifier accepts it', () => {
      const tracker = confirmingTracker();
      expect(framesUntilConfirmed(tracker, faceAt(100, 100, 60, 0.8), 0.9)).toBe(Number.POSITIVE_INFINITY);
      expect(framesUntilConfirmed(tracker, faceAt(100, 100, 60, 0.8), 0.1, 100)).toBeLessThan(12);
    });
  });

  test('a reject probability for an ended track is ignored', () => {
    const tracker = confirmingTracker();
    const [tracked] = tracker.update([dimFaceAt(100, 100)], 0);
    for (let frame = 1; frame < 40; frame++) tracker.update([], at(frame));
    tracker.addReject(tracked!.track, 1);
    expect(tracker.live.size).toBe(0);
  });
});
