import { expect, test } from 'vitest';
import type { Mat } from '../core/opencv.ts';
import type { Box } from '../core/types.ts';
import { DetectionSchedule } from './detection-schedule.ts';

const frame = {} as Mat;
const face: Box = { x: 100, y: 100, width: 80, height: 100 };

interface Scenery {
  readonly fps: number;
  readonly seconds: number;
  /** The faces that are expected at a time in ms. */
  readonly expected?: (mono: number) => readonly Box[] | undefined;
  readonly changes?: (mono: number) => boolean;
}

/** The times, in ms, of the frames that were looked at. */
function looks({ fps, seconds, expected = () => [], changes = () => false }: Scenery): number[] {
  let now = 0;
  let remembered = -1;
  const attention = new DetectionSchedule({
    canCompare: () => true,
    hasChanged: () => changes(now),
    remember: () => {
      remembered = now;
    },
  });
  const times: number[] = [];
  for (let index = 0; index < fps * seconds; index++) {
    now = Math.round((index * 1000) / fps);
    if (!attention.needsDetection(frame, expected(now), now)) continue;
    times.push(now);
    // What is compared with later is what was looked at.
    expect(remembered).toBe(now);
  }
  return times;
}

const gaps = (times: readonly number[]) => times.slice(1).map((time, at) => time - times[at]!);

test('nobody there, nothing moves: a look now and then, never later than the limit', () => {
  for (const fps of [1, 2, 5, 10, 15, 24, 30, 60]) {
    const times = looks({ fps, seconds: 20 });
    expect(times[0]).toBe(0);
    expect(Math.max(...gaps(times))).toBeLessThanOrEqual(Math.max(700, 1000 / fps));
    if (fps >= 10) expect(times.length).toBeLessThan(20 * fps * 0.4);
  }
});

test('a change is looked at in its own frame and in all frames for a while after it', () => {
  const times = looks({ fps: 30, seconds: 4, changes: (mono) => mono === 2000 });
  const frames = Array.from({ length: 120 }, (_, index) => Math.round((index * 1000) / 30));
  expect(times).toEqual(expect.arrayContaining(frames.filter((mono) => mono >= 2000 && mono < 2500)));
  expect(Math.max(...gaps(times.filter((mono) => mono >= 2500)))).toBeGreaterThan(300);
});

test('a frame that cannot be compared is looked at, and is no change by itself', () => {
  let canCompare = true;
  const attention = new DetectionSchedule({
    canCompare: () => canCompare,
    hasChanged: () => !canCompare,
    remember: () => {},
  });
  for (let mono = 0; mono < 300; mono += 100) attention.needsDetection(frame, [], mono);
  canCompare = false;
  expect(attention.needsDetection(frame, [], 300)).toBe(true);
  canCompare = true;
  expect(attention.needsDetection(frame, [], 400)).toBe(false);
});

test('quiet: nobody there, and nothing moved for a while', () => {
  let moves = false;
  const attention = new DetectionSchedule({ canCompare: () => true, hasChanged: () => moves, remember: () => {} });
  const isQuietAfter = (expected: readonly Box[] | undefined, mono: number) => {
    attention.needsDetection(frame, expected, mono);
    return attention.isIdle;
  };
  expect(attention.isIdle).toBe(false);
  expect(isQuietAfter([], 0)).toBe(true);
  expect(isQuietAfter([face], 100)).toBe(false);
  expect(isQuietAfter(undefined, 200)).toBe(false);
  expect(isQuietAfter([], 300)).toBe(true);
  moves = true;
  expect(isQuietAfter([], 400)).toBe(false);
  moves = false;
  expect(isQuietAfter([], 800)).toBe(false);
  expect(isQuietAfter([], 900)).toBe(true);
});

/** The times, in ms, of the frames that did not go by, and of those that were looked at. */
function seen({ fps, seconds, jitterMs = 0, changesAt }: Seen) {
  let now = 0;
  const attention = new DetectionSchedule({
    canCompare: () => true,
    hasChanged: () => changesAt !== undefined && now >= changesAt,
    remember: () => {},
  });
  const compared: number[] = [];
  const looked: number[] = [];
  for (let index = 0; index < fps * seconds; index++) {
    now = (index * 1000) / fps + (index % 2) * jitterMs;
    if (attention.skipsFrame(now)) continue;
    compared.push(now);
    if (attention.needsDetection(frame, [], now)) looked.push(now);
  }
  return { compared, looked };
}

interface Seen {
  readonly fps: number;
  readonly seconds: number;
  /** By which every other frame is late. */
  readonly jitterMs?: number;
  readonly changesAt?: number;
}

test('nobody there, nothing moves: frames go by, two of three at 30 a second, every other one at 10 to 15, none at less', () => {
  const shareOf = (fps: number) => seen({ fps, seconds: 21 }).compared.length / (21 * fps);
  // A look that is due out of turn adds one each 700 ms.
  expect(seen({ fps: 10, seconds: 2 }).compared).toEqual([0, 200, 400, 600, 700, 900, 1100, 1300, 1400, 1600, 1800]);
  expect(shareOf(30)).toBeCloseTo(1 / 3, 1);
  for (const fps of [12, 15]) expect(shareOf(fps)).toBeCloseTo(1 / 2, 1);
  for (const fps of [1, 2, 5, 8]) expect(shareOf(fps)).toBe(1);
});

test('frames that go by keep no look from its time, nor do frames that are a little late ask for more of them', () => {
  for (const fps of [5, 10, 15, 24, 30, 60]) {
    const jitterMs = 50 / fps;
    const inTime = seen({ fps, seconds: 20 }).looked;
    const late = seen({ fps, seconds: 20, jitterMs }).looked;
    expect(Math.max(...gaps(inTime))).toBeLessThanOrEqual(700);
    expect(Math.max(...gaps(late))).toBeLessThanOrEqual(700.001 + jitterMs);
    expect(late.length).toBeLessThanOrEqual(inTime.length + 1);
  }
});

test('what changes is seen in the next frame but one at 10 a second, and then no frame goes by', () => {
  const { compared, looked } = seen({ fps: 10, seconds: 4, changesAt: 2050 });
  const [first] = compared.filter((mono) => mono >= 2050) as [number];
  expect(first).toBeLessThanOrEqual(2200);
  expect(looked.filter((mono) => mono >= 2050)).toEqual(
    Array.from({ length: (4000 - first) / 100 }, (_, at) => first + at * 100),
  );
});

test('where nobody can say what to expect, every frame is looked at', () => {
  expect(looks({ fps: 30, seconds: 2, expected: () => undefined })).toHaveLength(60);
});

test('faces that are where they were expected: every third frame at 30 a second, every other one at 10 to 15, each at less', () => {
  expect(looks({ fps: 30, seconds: 4, expected: () => [face] })).toHaveLength(40);
  expect(looks({ fps: 15, seconds: 4, expected: () => [face] })).toHaveLength(30);
  expect(looks({ fps: 10, seconds: 4, expected: () => [face] })).toHaveLength(20);
  expect(looks({ fps: 8, seconds: 4, expected: () => [face] })).toHaveLength(32);
});

test('around a face that is expected nothing has to hold still', () => {
  const asked: (readonly Box[])[] = [];
  const attention = new DetectionSchedule({
    canCompare: () => true,
    hasChanged: (_frame, outside) => asked.push(outside) < 0,
    remember: () => {},
  });
  attention.needsDetection(frame, [face], 0);
  const [[person]] = asked as [[Box]];
  expect(person.x).toBeLessThan(face.x);
  expect(person.y).toBeLessThan(face.y);
  expect(person.x + person.width).toBeGreaterThan(face.x + face.width);
  expect(person.y + person.height).toBeGreaterThan(face.y + 2 * face.height);
});

test('after a pause the first frame is looked at', () => {
  let now = 0;
  const attention = new DetectionSchedule({ canCompare: () => true, hasChanged: () => false, remember: () => {} });
  for (; now < 2000; now += 33) attention.needsDetection(frame, [], now);
  expect(attention.needsDetection(frame, [], now + 5000)).toBe(true);
});
