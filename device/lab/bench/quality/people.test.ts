import { expect, test } from 'vitest';
import { matchFrame, type ReferenceFace } from './matching.ts';
import { People } from './people.ts';

const face = (x: number): ReferenceFace => ({ box: { x, y: 0, width: 40, height: 40 }, isCertain: true });
const shown = ({ box }: ReferenceFace, track: number) => ({ box, track });

type Frames = readonly { faces: readonly ReferenceFace[]; tracks: readonly (number | undefined)[]; t: number }[];

function play(frames: Frames): number {
  return follow(frames).switches;
}

function follow(frames: Frames): People {
  const people = new People();
  for (const { faces, tracks, t } of frames) {
    const seen = faces.flatMap((each, index) => (tracks[index] === undefined ? [] : [shown(each, tracks[index])]));
    people.add(faces, matchFrame(faces, seen, 24), t);
  }
  return people;
}

test('a person who keeps the track is no identity switch, even after frames without a track', () => {
  const faces = [face(0), face(100)];
  expect(
    play([
      { faces, tracks: [undefined, 2], t: 0 },
      { faces, tracks: [1, 2], t: 0.1 },
      { faces, tracks: [undefined, 2], t: 0.2 },
      { faces, tracks: [1, 2], t: 0.3 },
    ]),
  ).toBe(0);
});

test('two people who exchange tracks are two identity switches; a new track for one is one', () => {
  const faces = [face(0), face(100)];
  const first = { faces, tracks: [1, 2], t: 0 };
  expect(play([first, { faces, tracks: [2, 1], t: 0.1 }])).toBe(2);
  expect(play([first, { faces, tracks: [3, 2], t: 0.1 }])).toBe(1);
});

test('a new track after more than a second, or at another place, is no identity switch', () => {
  const one = { faces: [face(0)], tracks: [1], t: 0 };
  expect(play([one, { faces: [face(0)], tracks: [2], t: 1.5 }])).toBe(0);
  expect(play([one, { faces: [face(300)], tracks: [2], t: 0.1 }])).toBe(0);
});

test('a track belongs to the person whom it followed in most frames', () => {
  const faces = [face(0), face(100)];
  const people = follow([
    { faces, tracks: [1, 2], t: 0 },
    { faces, tracks: [1, 2], t: 0.1 },
    { faces, tracks: [2, 1], t: 0.2 },
    { faces, tracks: [3, undefined], t: 0.3 },
  ]);
  expect([1, 2, 3, 4].map((track) => people.personOf(track))).toEqual([0, 1, 0, undefined]);
});
