import { expect, test } from 'vitest';
import { UntilDecided } from './until-decided.ts';

const face = { box: { x: 0, y: 0, width: 1, height: 1 }, score: 1, label: 'happy', probabilities: { happy: 1 } };

function trackOf(id?: number) {
  return { key: 1, id, hasEnded: false };
}

function frameAt(t: number, ...tracks: ReturnType<typeof trackOf>[]) {
  return { t, sights: tracks.map((track) => ({ track, face })) };
}

const timesOf = (frames: readonly { t: number }[]) => frames.map(({ t }) => t);

test('a frame with only confirmed faces is returned at once', () => {
  const undecided = new UntilDecided();
  expect(timesOf(undecided.add(frameAt(0)))).toEqual([0]);
  expect(timesOf(undecided.add(frameAt(0.1, trackOf(1))))).toEqual([0.1]);
  expect(undecided.rest()).toEqual([]);
});

test('a frame with an unconfirmed track waits, with all later frames, until the track is confirmed or ends', () => {
  const undecided = new UntilDecided();
  const [first, second] = [trackOf(), trackOf()];
  expect(undecided.add(frameAt(0, first))).toEqual([]);
  expect(undecided.add(frameAt(0.1, first, second))).toEqual([]);
  first.id = 1;
  expect(timesOf(undecided.add(frameAt(0.2, first)))).toEqual([0]);
  second.hasEnded = true;
  expect(timesOf(undecided.add(frameAt(0.3)))).toEqual([0.1, 0.2, 0.3]);
});

test('a frame waits for at most one second', () => {
  const undecided = new UntilDecided();
  const poster = trackOf();
  const out = Array.from({ length: 100 }, (_, frame) => undecided.add(frameAt(frame / 10, poster))).flat();
  expect(timesOf(out)).toEqual(Array.from({ length: 89 }, (_, frame) => frame / 10));
  expect(undecided.rest()).toHaveLength(11);
});

test('at low frame rates a frame waits for the next one', () => {
  const undecided = new UntilDecided();
  const visitor = trackOf();
  expect(undecided.add(frameAt(0, visitor))).toEqual([]);
  visitor.id = 1;
  expect(timesOf(undecided.add(frameAt(2, visitor)))).toEqual([0, 2]);
});
