/** Visits from recorded detections of people; their times are exact to the millisecond. */
import { expect, test } from 'vitest';
import { uncertain } from '../core/labels.ts';
import type { Face, Visit } from '../core/types.ts';
import { type RecordedFrame, recorded } from '../lab/fixtures/recorded.ts';
import { createTracker } from '../track/tracker.ts';
import { createVisitLog } from './visits.ts';

const startedAt = 1_700_000_000_000;
const labels = ['happy', 'neutral', uncertain];

interface Sight {
  readonly mono: number;
  readonly face: Face;
}

/** Labels that change with the position in the picture, so that each person shows several. */
function faceOf(track: number, box: Face['box'], frame: number): Face {
  const label = labels[(track + Math.floor(frame / 7)) % labels.length]!;
  const happy = label === 'happy' ? 0.8 : 0.3;
  const probabilities: Record<string, number> = { happy, neutral: 1 - happy };
  const probability = probabilities[label];
  return { track, box, score: 0.9, label, ...(probability !== undefined && { probability }), probabilities };
}

/**
 * Tracks and visits of a recording, followed by `seconds` without a face. The wall clock jumps back by an hour in the
 * middle.
 */
function play(frames: readonly RecordedFrame[]) {
  const tracker = createTracker({ lostMs: 1000, minScore: 0.7 });
  const log = createVisitLog({ gapMs: 2000, minDwellMs: 500, bootId: 'boot' });
  const sights = new Map<number, Sight[]>();
  const visits: Visit[] = [];
  const wall = (mono: number, frame: number) => startedAt + mono - (frame > frames.length / 2 ? 3_600_000 : 0);
  const read = (mono: number, frame: number, faces: readonly Face[]) => {
    const size = { width: 640, height: 480 };
    visits.push(
      ...log.update({ frame, t: mono / 1000, ts: wall(mono, frame), mono, ...size, faces, happyShare: null }),
    );
  };
  for (const [frame, { mono, detections }] of frames.entries()) {
    const faces = tracker
      .update(detections, mono)
      .flatMap(({ track, detection }) => (track.id === undefined ? [] : [faceOf(track.id, detection.box, frame)]));
    for (const face of faces) sights.set(face.track, [...(sights.get(face.track) ?? []), { mono, face }]);
    read(mono, frame, faces);
  }
  const last = frames.at(-1)!.mono;
  for (const [index, ms] of [100, 1000, 1999].entries()) read(last + ms, frames.length + index, []);
  const early = visits.length;
  read(last + 2000, frames.length + 3, []);
  return { sights, visits, early, wall };
}

/** Share of the time per label, counted frame by frame: the label shown until the next sight. */
function sharesOf(sights: readonly Sight[]): Record<string, number> {
  const dwell = sights.at(-1)!.mono - sights[0]!.mono;
  const shares: Record<string, number> = { happy: 0, neutral: 0 };
  for (const [index, { mono, face }] of sights.slice(0, -1).entries()) {
    shares[face.label] = (shares[face.label] ?? 0) + (sights[index + 1]!.mono - mono) / dwell;
  }
  return shares;
}

test.each([
  ['face-demographics-walking-and-pause', 3],
  ['face-demographics-walking', 2],
  ['head-pose-face-detection-male', 1],
  ['head-pose-face-detection-female', 1],
  ['again', 1],
  ['classroom', 4],
])('%s: %d people, one visit each from first to last sight, to the millisecond', (name, people) => {
  const frames = recorded(name);
  const { sights, visits, early, wall } = play(frames);
  expect(early).toBe(0);
  expect(visits).toHaveLength(people);
  for (const visit of visits) {
    const seen = sights.get(visit.track)!;
    const [first, last] = [seen[0]!.mono, seen.at(-1)!.mono];
    // The clock jump affects neither the end nor a duration.
    expect(visit.startedAt).toBe(wall(first, 0));
    expect(visit.endedAt).toBe(wall(first, 0) + last - first);
    expect(visit).toMatchObject({ dwellMs: last - first, frames: seen.length });
    const shares = sharesOf(seen);
    expect(Object.keys(visit.shares).sort()).toEqual(Object.keys(shares).sort());
    for (const [label, share] of Object.entries(shares)) expect(visit.shares[label]).toBeCloseTo(share, 10);
    expect(Object.values(visit.shares).reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 10);
  }
});

test('people seen from behind make no visit', () => {
  expect(play(recorded('one-by-one-person-detection-20s')).visits).toEqual([]);
});

test('an absence shorter than the gap gives one visit, a longer one two', () => {
  const frames = recorded('again');
  const [first, last] = [frames[0]!.mono, frames.at(-1)!.mono];
  const again = (afterMs: number) => frames.map((frame) => ({ ...frame, mono: frame.mono + last - first + afterMs }));
  // A track lives for one second. A person who returns later has a new track, and so a new visit.
  expect(play([...frames, ...again(900)]).visits.map(({ track }) => track)).toEqual([1]);
  expect(play([...frames, ...again(2500)]).visits.map(({ track }) => track)).toEqual([1, 2]);
});
