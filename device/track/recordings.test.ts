/** The tracker on recorded detections of people. The people in the recordings were checked frame by frame. */
import { expect, test } from 'vitest';
import { numbersFrom } from '../core/seeded-numbers.ts';
import type { Detection } from '../core/types.ts';
import { type RecordedFrame, recorded } from '../lab/fixtures/recorded.ts';
import { createTracker } from './tracker.ts';

interface Sight {
  readonly frame: number;
  readonly detection: Detection;
  readonly id: number;
}

/** The published tracks. */
function play(frames: readonly RecordedFrame[], lostMs = 1000): Sight[] {
  const tracker = createTracker({ lostMs, minScore: 0.7 });
  return frames.flatMap(({ mono, detections }, frame) =>
    tracker
      .update(detections, mono)
      .flatMap(({ detection, track }) => (track.id === undefined ? [] : [{ frame, detection, id: track.id }])),
  );
}

const middle = ({ box }: Detection) => ({ x: box.x + box.width / 2, y: box.y + box.height / 2 });

/** Per track the range of its centres and the number of its frames. */
function byTrack(sights: readonly Sight[]) {
  const tracks = new Map<number, Sight[]>();
  for (const sight of sights) tracks.set(sight.id, [...(tracks.get(sight.id) ?? []), sight]);
  return [...tracks.entries()].map(([id, seen]) => {
    const xs = seen.map(({ detection }) => middle(detection).x);
    return { id, frames: seen.length, left: Math.min(...xs), right: Math.max(...xs) };
  });
}

/** Drops each frame with this probability; the times stay. */
function withoutSome(frames: readonly RecordedFrame[], lost: number, seed: number): RecordedFrame[] {
  const next = numbersFrom(seed);
  return frames.filter(() => next() >= lost);
}

/** Drops each detection with this probability. */
function blinking(frames: readonly RecordedFrame[], lost: number, seed: number): RecordedFrame[] {
  const next = numbersFrom(seed);
  return frames.map(({ mono, detections }) => ({ mono, detections: detections.filter(() => next() >= lost) }));
}

/** One track each, from the second frame (a clear face is confirmed there) to the end. */
test.each([
  ['head-pose-face-detection-male', 62],
  ['head-pose-face-detection-female', 23],
  ['bird', 63],
  ['sorry', 73],
  ['again', 77],
])('%s: one person has one track, and there is no other', (name, frames) => {
  const sights = play(recorded(name));
  expect(byTrack(sights)).toMatchObject([{ id: 1, frames: frames - 1 }]);
});

/** Ranges of x, read from the pictures; the people do not come close to each other. */
const places: Record<string, readonly (readonly [number, number])[]> = {
  'face-demographics-walking-and-pause': [
    [70, 120],
    [220, 235],
    [320, 380],
  ],
  'face-demographics-walking': [
    [300, 340],
    [175, 280],
  ],
  classroom: [
    [70, 80],
    [310, 325],
    [236, 241],
    [132, 139],
  ],
};

test.each(Object.entries(places))('%s: each person has one track without a switch', (name, people) => {
  const frames = recorded(name);
  const tracks = byTrack(play(frames));
  expect(tracks.map(({ id }) => id)).toEqual(people.map((_, index) => index + 1));
  for (const { left, right, frames: seen } of tracks) {
    const place = people.find(([from, to]) => from <= left && right <= to);
    expect(place).toBeDefined();
    // A small face may not be clear in its second frame.
    expect(seen).toBeGreaterThanOrEqual(frames.length - 2);
  }
  // Two tracks at one place would be a switch.
  expect(new Set(tracks.map(({ left }) => people.find(([from, to]) => from <= left && left <= to))).size).toBe(
    people.length,
  );
});

test.each(['one-by-one-person-detection-20s', 'one-by-one-person-detection-20s.320'])(
  '%s: people seen from behind have no track',
  (name) => {
    expect(play(recorded(name))).toEqual([]);
  },
);

test.each(Object.entries(places))('%s: the same tracks with missing frames or detections', (name, people) => {
  for (let seed = 1; seed <= 20; seed++) {
    for (const frames of [withoutSome(recorded(name), 0.5, seed), blinking(recorded(name), 0.3, seed)]) {
      const tracks = byTrack(play(frames));
      expect(tracks).toHaveLength(people.length);
      for (const { left, right } of tracks) {
        expect(people.some(([from, to]) => from <= left && right <= to)).toBe(true);
      }
    }
  }
});
