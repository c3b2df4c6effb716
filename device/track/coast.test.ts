import { expect, test } from 'vitest';
import { iou } from '../core/boxes.ts';
import type { Detection } from '../core/types.ts';
import { recorded } from '../lab/fixtures/recorded.ts';
import { createTracker } from './tracker.ts';

/** A face with this centre, 100 px high. */
function faceAt(x: number, y = 200, height = 100, score = 0.9): Detection {
  const width = 0.8 * height;
  const point = (dx: number, dy: number) => ({ x: x + dx * height, y: y + dy * height });
  return {
    box: { x: x - width / 2, y: y - height / 2, width, height },
    score,
    landmarks: {
      eyeLeft: point(-0.17, -0.1),
      eyeRight: point(0.17, -0.1),
      nose: point(0, 0.08),
      mouthLeft: point(-0.14, 0.25),
      mouthRight: point(0.14, 0.25),
    },
  };
}

/** A tracker after one second of these faces at 30 frames a second, and the time of the last frame. */
function after(frames: (seconds: number) => readonly Detection[]) {
  const tracker = createTracker({ lostMs: 1000, minScore: 0.7 });
  let mono = 0;
  for (let index = 0; index <= 30; index++) {
    mono = (index * 1000) / 30;
    tracker.update(frames(index / 30), mono);
  }
  return { tracker, mono };
}

test('without tracks no face is predicted', () => {
  expect(createTracker({ lostMs: 1000, minScore: 0.7 }).coast(0)).toEqual([]);
  const { tracker, mono } = after(() => []);
  expect(tracker.coast(mono + 33)).toEqual([]);
});

test('a face that moves evenly coasts with all landmarks, without changing the track', () => {
  const { tracker, mono } = after((seconds) => [faceAt(100 + 120 * seconds), faceAt(500)]);
  const before = tracker.update([faceAt(224), faceAt(500)], mono + 33.3);
  for (const ms of [33, 66, 99]) {
    const carried = tracker.coast(mono + 33.3 + ms)!;
    expect(carried.map(({ track }) => track.key)).toEqual(before.map(({ track }) => track.key));
    const [walker, stander] = carried as [(typeof carried)[0], (typeof carried)[0]];
    const there = faceAt(224 + 0.12 * ms);
    expect(iou(walker.detection.box, there.box)).toBeGreaterThan(0.9);
    expect(Math.abs(walker.detection.landmarks!.nose.x - there.landmarks!.nose.x)).toBeLessThan(4);
    expect(iou(stander.detection.box, faceAt(500).box)).toBeGreaterThan(0.99);
  }
  expect(tracker.coast(mono + 33.3)!.map(({ detection }) => detection)).toEqual([faceAt(224), faceAt(500)]);
});

test('an approaching face grows', () => {
  const { tracker, mono } = after((seconds) => [faceAt(300, 200, 100 * Math.exp(0.5 * seconds))]);
  const [face] = tracker.coast(mono + 100)!;
  expect(face!.detection.box.height).toBeGreaterThan(100 * Math.exp(0.5) * 1.02);
});

test.each([
  ['has just appeared', (seconds: number) => [faceAt(300), ...(seconds > 0.99 ? [faceAt(500)] : [])]],
  ['is hidden', (seconds: number) => [faceAt(300), ...(seconds < 0.99 ? [faceAt(500)] : [])]],
  ['has a low score', (seconds: number) => [faceAt(300, 200, 100, seconds < 0.99 ? 0.9 : 0.6)]],
  ['makes a sudden move', (seconds: number) => [faceAt(seconds < 0.99 ? 300 : 310)]],
  ['ducks', (seconds: number) => [faceAt(300, seconds < 0.99 ? 200 : 209)]],
  ['leans forward', (seconds: number) => [faceAt(300, 200, seconds < 0.99 ? 100 : 112)]],
  ['may be appearing', (seconds: number) => [faceAt(300), ...(seconds > 0.99 ? [faceAt(500, 200, 100, 0.55)] : [])]],
])('there is no prediction while a face %s', (_what, frames) => {
  const { tracker, mono } = after(frames);
  expect(tracker.coast(mono + 33)).toBeUndefined();
});

test('a weak detection in a curtain does not prevent coasting', () => {
  const { tracker, mono } = after(() => [faceAt(500, 200, 100, 0.45)]);
  expect(tracker.coast(mono + 33)).toEqual([]);
});

test.each(['head-pose-face-detection-male', 'bird', 'sorry', 'again', 'face-demographics-walking'])(
  '%s: the coasted faces match the detections in the next frame',
  (name) => {
    const tracker = createTracker({ lostMs: 1000, minScore: 0.7 });
    let carriedOn = 0;
    for (const { mono, detections } of recorded(name)) {
      const carried = tracker.coast(mono);
      const seen = tracker.update(detections, mono);
      for (const { track, detection } of carried ?? []) {
        const now = seen.find((each) => each.track.key === track.key);
        expect(iou(detection.box, now!.detection.box)).toBeGreaterThan(0.5);
        carriedOn += 1;
      }
    }
    expect(carriedOn).toBeGreaterThan(0);
  },
);
