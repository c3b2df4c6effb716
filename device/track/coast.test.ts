import { expect, test } from 'vitest';
import { iou } from '../core/boxes.ts';
import type { Detection } from '../core/types.ts';
import { recorded } from '../lab/fixtures/recorded.ts';
import { createTracker } from './tracker.ts';

/** A face whose centre is here, 100 px high. */
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

/** A tracker after a second of these faces at 30 frames a second, and the time of the last frame. */
function after(frames: (seconds: number) => readonly Detection[]) {
  const tracker = createTracker({ lostMs: 1000, minScore: 0.7 });
  let mono = 0;
  for (let index = 0; index <= 30; index++) {
    mono = (index * 1000) / 30;
    tracker.update(frames(index / 30), mono);
  }
  return { tracker, mono };
}

test('nobody is expected where nobody was', () => {
  expect(createTracker({ lostMs: 1000, minScore: 0.7 }).coast(0)).toEqual([]);
  const { tracker, mono } = after(() => []);
  expect(tracker.coast(mono + 33)).toEqual([]);
});

test('who walks on evenly is carried on with all landmarks, and only in thought', () => {
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

test('who comes nearer grows', () => {
  const { tracker, mono } = after((seconds) => [faceAt(300, 200, 100 * Math.exp(0.5 * seconds))]);
  const [face] = tracker.coast(mono + 100)!;
  expect(face!.detection.box.height).toBeGreaterThan(100 * Math.exp(0.5) * 1.02);
});

test.each([
  ['has just appeared', (seconds: number) => [faceAt(300), ...(seconds > 0.99 ? [faceAt(500)] : [])]],
  ['is hidden', (seconds: number) => [faceAt(300), ...(seconds < 0.99 ? [faceAt(500)] : [])]],
  ['is faint', (seconds: number) => [faceAt(300, 200, 100, seconds < 0.99 ? 0.9 : 0.6)]],
  ['makes a sudden move', (seconds: number) => [faceAt(seconds < 0.99 ? 300 : 310)]],
  ['ducks', (seconds: number) => [faceAt(300, seconds < 0.99 ? 200 : 209)]],
  ['leans forward', (seconds: number) => [faceAt(300, 200, seconds < 0.99 ? 100 : 112)]],
  ['may be coming', (seconds: number) => [faceAt(300), ...(seconds > 0.99 ? [faceAt(500, 200, 100, 0.55)] : [])]],
])('nobody can say while somebody %s', (_what, frames) => {
  const { tracker, mono } = after(frames);
  expect(tracker.coast(mono + 33)).toBeUndefined();
});

test('a curtain that the detector has a weak idea of keeps nobody awake', () => {
  const { tracker, mono } = after(() => [faceAt(500, 200, 100, 0.45)]);
  expect(tracker.coast(mono + 33)).toEqual([]);
});

test.each(['head-pose-face-detection-male', 'bird', 'sorry', 'again', 'face-demographics-walking'])(
  '%s: what is carried on is what is seen in the next frame',
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
