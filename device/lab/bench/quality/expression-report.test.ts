import { expect, test } from 'vitest';
import { isMet } from '../targets.ts';
import { countLines, expressionTargets, personRows } from './expression-report.ts';
import type { PersonResult } from './expressions.ts';

const nothing = { found: 0, missed: 0, wrong: 0, missedIn: [], wrongIn: [] };

function clip(name: string, people: readonly PersonResult[] | undefined, peopleExpected = people?.length) {
  const size = { width: 640, height: 480, frames: 10 };
  const counts = { tracks: [], visits: 0, switches: 0, live: nothing, decided: nothing };
  return { clip: name, ...size, ...counts, ...(people && { people, peopleExpected }) };
}

/** Shown for `right + wrong + uncertain` seconds, all of them large enough for a name. */
function person(
  expected: string,
  right: number,
  wrong: number,
  unnamed: number,
  more: Partial<PersonResult> = {},
): PersonResult {
  const shown = right + wrong + unnamed;
  return {
    who: 'somebody',
    expected,
    tracks: [1],
    height: 60,
    shown,
    right,
    wrong,
    uncertain: unnamed,
    reasons: {},
    nameable: { shown, uncertain: unnamed },
    longestCostly: 0,
    ...more,
  };
}

test('one row per person: shares of the time shown, reasons by weight, and - for a share of no time', () => {
  const reasons = { dark: 1, turned: 2, none: 0.5 };
  const small = { nameable: { shown: 0, uncertain: 0 }, height: 19.4 };
  const rows = personRows([
    clip('desks', [person('neutral', 5, 1.5, 3.5, { reasons, longestCostly: 1.5, tracks: [1, 4] })]),
    clip('unknown', undefined),
    clip('smile', [person('happy', 0, 0, 2, small)]),
  ]);
  expect(rows).toEqual([
    {
      clip: 'desks',
      who: 'somebody',
      expected: 'neutral',
      track: '1, 4',
      'height px': 60,
      's shown': '10.0',
      right: '50.0 %',
      wrong: '15.0 %',
      uncertain: '35.0 %',
      'uncertain, >= 40 px': '35.0 %',
      reasons: 'turned 20.0 %, dark 10.0 %, no reason given 5.0 %',
      's angry/sad/fear/disgust': '1.5',
    },
    expect.objectContaining({
      clip: 'smile',
      'height px': 19,
      'uncertain, >= 40 px': '-',
      's angry/sad/fear/disgust': '',
    }),
  ]);
});

test('targets cover all calm people together, the worst calm person, and each other person', () => {
  const results = [
    clip('calm', [
      person('neutral', 96, 0, 4),
      person('neutral', 3, 1, 0, { longestCostly: 0.8 }),
      person('neutral', 0, 0, 1),
    ]),
    clip('smile', [person('happy', 99, 1, 0, { who: 'man' })]),
  ];
  const targets = expressionTargets(results);
  expect(targets.map(({ what, measured }) => [what, measured])).toEqual([
    ['calm people: neutral, of the time with a name', 0.99],
    ['calm people: neutral, of the time with a name, the lowest', 0.75],
    ['calm people: angry, sad, fear, disgust without a break, the longest', 0.8],
    ['man: happy, of the time shown', 0.99],
    ['uncertain, of the time of faces of 40 px and more', 5 / 205],
  ]);
  expect(targets.map(isMet)).toEqual([true, false, true, true, true]);
});

test('a calm person labelled angry for more than 2 s misses a target; so does one mostly uncertain', () => {
  const results = [
    clip('calm', [person('neutral', 97.9, 2.1, 0, { longestCostly: 2.1 }), person('neutral', 1, 0, 20)]),
  ];
  const missed = expressionTargets(results).filter((target) => !isMet(target));
  expect(missed.map(({ what }) => what)).toEqual([
    'calm people: angry, sad, fear, disgust without a break, the longest',
    'uncertain, of the time of faces of 40 px and more',
  ]);
});

test('the targets for labels are missed if no calm person ever has a label', () => {
  const missed = expressionTargets([clip('calm', [person('neutral', 0, 0, 9)])]).filter((target) => !isMet(target));
  expect(missed.map(({ what }) => what)).toEqual([
    'calm people: neutral, of the time with a name',
    'calm people: neutral, of the time with a name, the lowest',
    'uncertain, of the time of faces of 40 px and more',
  ]);
});

test('recordings without expectations have no targets; without calm people theirs are left out', () => {
  expect(expressionTargets([clip('unknown', undefined)])).toEqual([]);
  expect(expressionTargets([clip('street', [])])).toEqual([]);
  expect(expressionTargets([clip('smile', [person('happy', 1, 0, 0)])]).map(({ what }) => what)).toEqual([
    'somebody: happy, of the time shown',
    'uncertain, of the time of faces of 40 px and more',
  ]);
});

test('a wrong number of people is reported', () => {
  const results = [
    clip('desks', [person('neutral', 1, 0, 0)], 4),
    clip('smile', [person('happy', 1, 0, 0)]),
    clip('unknown', undefined),
  ];
  expect(countLines(results)).toEqual([
    'desks: 1 people shown, 4 expected; someone who was away for longer than 1 s counts again',
  ]);
});
