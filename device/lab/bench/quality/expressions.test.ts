import { describe, expect, test } from 'vitest';
import type { UncertainReason } from '../../../core/labels.ts';
import { ExpressionStories, judgePeople, type ShownExpression } from './expressions.ts';

/** Labels of one track, frame by frame; undefined: not shown. `turned` and the like: uncertain for this reason. */
type Track = readonly (string | undefined)[];

const isReason = (text: string) => ['small', 'turned', 'dark', 'blurred', 'covered', 'ambiguous'].includes(text);

function shown(track: number, text: string, height: number): ShownExpression {
  return isReason(text)
    ? { track, label: 'uncertain', reason: text as UncertainReason, height }
    : { track, label: text, height };
}

/** Plays tracks 1, 2, ... at two frames a second; track n is person n unless `personOf` says otherwise. */
function play(tracks: readonly Track[], { height = 60, personOf = (track: number): number | undefined => track } = {}) {
  const stories = new ExpressionStories();
  const frames = Math.max(...tracks.map(({ length }) => length));
  for (let frame = 0; frame < frames; frame++) {
    const faces = tracks.flatMap((labels, index) => {
      const label = labels[frame];
      return label === undefined ? [] : [shown(index + 1, label, height)];
    });
    stories.add(frame / 2, faces);
  }
  return stories.ofPeople(personOf);
}

const one = (expression: string, who = 'somebody') => ({ who, expression, count: 1 });

test('measures the time with a right label, with a wrong one and uncertain, and the time per reason', () => {
  const [person] = judgePeople(
    play([['turned', 'turned', 'neutral', 'happy', 'dark', 'neutral', 'uncertain', 'neutral']]),
    [one('neutral')],
  );
  expect(person).toMatchObject({ who: 'somebody', expected: 'neutral', tracks: [1], height: 60, shown: 4 });
  expect(person).toMatchObject({ right: 1.5, wrong: 0.5, uncertain: 2, reasons: { turned: 1, dark: 0.5, none: 0.5 } });
});

test('a frame lasts until the next one; the last frame lasts as long as the one before', () => {
  const stories = new ExpressionStories();
  for (const [t, label] of [
    [0, 'happy'],
    [3, 'neutral'],
    [4, 'neutral'],
  ] as const) {
    stories.add(t, [shown(1, label, 60)]);
  }
  expect(
    judgePeople(
      stories.ofPeople(() => 1),
      [one('happy')],
    )[0],
  ).toMatchObject({ right: 3, wrong: 2, shown: 5 });
});

test('only faces of 40 px and more must have a name', () => {
  const stories = new ExpressionStories();
  const heights = [24, 39.9, 40, 90];
  for (const [frame, height] of heights.entries()) stories.add(frame, [shown(1, 'small', height)]);
  expect(
    judgePeople(
      stories.ofPeople(() => 1),
      [one('neutral')],
    )[0],
  ).toMatchObject({
    uncertain: 4,
    nameable: { shown: 2, uncertain: 2 },
  });
});

describe('the longest time with the label angry, sad, fear or disgust for a calm person', () => {
  const longest = (labels: Track, expression = 'neutral') =>
    judgePeople(play([labels]), [one(expression)])[0]!.longestCostly;

  test('takes these labels together', () => {
    expect(longest(['neutral', 'angry', 'sad', 'fear', 'disgust', 'neutral', 'angry'])).toBe(2);
  });

  test.each(['neutral', 'happy', 'surprise', 'turned'])('ends at %s', (label) => {
    expect(longest(['angry', 'angry', label, 'angry', 'angry', 'angry', 'neutral'])).toBe(1.5);
  });

  test('ends at frames without the person', () => {
    expect(longest(['angry', 'angry', undefined, 'angry', 'neutral'])).toBe(1);
  });

  test('is 0 for a person who is not calm', () => {
    expect(longest(['angry', 'angry'], 'angry')).toBe(0);
  });
});

test('all tracks of a person count together; tracks without a person are left out', () => {
  const stories = play(
    [
      ['neutral', 'neutral'],
      [undefined, undefined, 'happy'],
      ['angry', 'angry', 'angry'],
    ],
    {
      personOf: (track) => (track === 3 ? undefined : 7),
    },
  );
  expect(judgePeople(stories, [one('neutral')])).toMatchObject([{ tracks: [1, 2], right: 1, wrong: 0.5, shown: 1.5 }]);
});

describe('matching of people and expectations', () => {
  const calm = ['neutral', 'neutral', 'sad', 'neutral'];
  const smiling = ['uncertain', 'happy', 'happy', 'neutral'];

  test('a common expectation applies to everybody, even to more people than its count', () => {
    const people = judgePeople(play([calm, smiling]), [one('happy', 'twins')]);
    expect(people).toMatchObject([
      { who: 'twins', expected: 'happy', right: 0 },
      { who: 'twins', expected: 'happy', right: 1 },
    ]);
  });

  test('different expectations go to the people whose labels fit best', () => {
    const expected = [{ who: 'guests', expression: 'neutral', count: 2 }, one('happy', 'host')];
    expect(judgePeople(play([smiling, calm, calm]), expected).map(({ who }) => who)).toEqual([
      'host',
      'guests',
      'guests',
    ]);
  });

  test('each expectation is used once: a second smiling person counts as wrong', () => {
    const happier = ['happy', 'happy', 'happy', 'happy'];
    const people = judgePeople(play([smiling, happier]), [one('neutral', 'guest'), one('happy', 'host')]);
    expect(people).toMatchObject([
      { who: 'guest', wrong: 1 },
      { who: 'host', right: 2 },
    ]);
  });

  test('a person without an expectation is expected to be neutral', () => {
    expect(judgePeople(play([smiling]), [])).toMatchObject([{ who: 'not listed', expected: 'neutral', wrong: 1 }]);
  });
});
