import type { Row } from '../table.ts';
import type { Target } from '../targets.ts';
import type { ClipResult } from './clip.ts';
import { calm } from './expected.ts';
import { costlyLabels, nameableHeight, type PersonResult } from './expressions.ts';

/** A row for each person of each recording with expectations. */
export function personRows(results: readonly ClipResult[]): Row[] {
  return results.flatMap(({ clip, people = [] }) => people.map((person) => ({ clip, ...cells(person) })));
}

function cells(person: PersonResult): Row {
  const { who, expected, tracks, height, shown, nameable } = person;
  return {
    who,
    expected,
    track: tracks.join(', '),
    'height px': Math.round(height),
    's shown': shown.toFixed(1),
    right: percent(person.right / shown),
    wrong: percent(person.wrong / shown),
    uncertain: percent(person.uncertain / shown),
    [`uncertain, >= ${nameableHeight} px`]: percent(nameable.uncertain / nameable.shown),
    reasons: describeReasons(person),
    [`s ${costlyLabels.join('/')}`]: expected === calm ? person.longestCostly.toFixed(1) : '',
  };
}

function describeReasons({ reasons, shown }: PersonResult): string {
  return Object.entries(reasons)
    .sort((a, b) => b[1] - a[1])
    .map(([reason, seconds]) => `${reason === 'none' ? 'no reason given' : reason} ${percent(seconds / shown)}`)
    .join(', ');
}

/** Recordings with a wrong number of people. */
export function countLines(results: readonly ClipResult[]): string[] {
  return results.flatMap(({ clip, people, peopleExpected }) =>
    people === undefined || people.length === peopleExpected
      ? []
      : [
          `${clip}: ${people.length} people shown, ${peopleExpected} expected; someone who was away for longer than 1 s counts again`,
        ],
  );
}

/** Longest allowed time for a calm person to be labelled angry, sad, fear or disgust, in s. */
const maxCostlySeconds = 2;

/** The project's targets for labels, over all recordings. */
export function expressionTargets(results: readonly ClipResult[]): Target[] {
  const people = results.flatMap(({ people = [] }) => people);
  if (people.length === 0) return [];
  const calmPeople = people.filter(({ expected }) => expected === calm);
  const others = people.filter(({ expected }) => expected !== calm);
  return [
    ...(calmPeople.length > 0 ? calmTargets(calmPeople) : []),
    ...others.map((person) => ({
      what: `${person.who}: ${person.expected}, of the time shown`,
      measured: person.right / person.shown,
      limit: { least: 0.98 },
    })),
    {
      what: `uncertain, of the time of faces of ${nameableHeight} px and more`,
      measured: total(people, ({ nameable }) => nameable.uncertain) / total(people, ({ nameable }) => nameable.shown),
      limit: { most: 0.1 },
    },
  ];
}

/** `the lowest` and `the longest` are of one person. */
function calmTargets(people: readonly PersonResult[]): Target[] {
  const named = people.filter(({ right, wrong }) => right + wrong > 0);
  const rightShare = (of: readonly PersonResult[]) =>
    total(of, ({ right }) => right) / total(of, ({ right, wrong }) => right + wrong);
  const neutral = `calm people: ${calm}, of the time with a name`;
  return [
    { what: neutral, measured: rightShare(people), limit: { least: 0.95 } },
    {
      what: `${neutral}, the lowest`,
      // Without any label nothing can be measured, so the target is not met.
      measured: named.length > 0 ? Math.min(...named.map((person) => rightShare([person]))) : Number.NaN,
      limit: { least: 0.95 },
    },
    {
      what: `calm people: ${costlyLabels.join(', ')} without a break, the longest`,
      measured: Math.max(...people.map((person) => person.longestCostly)),
      limit: { most: maxCostlySeconds },
      unit: 's',
    },
  ];
}

function total(people: readonly PersonResult[], time: (person: PersonResult) => number): number {
  return people.reduce((sum, person) => sum + time(person), 0);
}

/** `-` for a share of zero time. */
function percent(share: number): string {
  return Number.isFinite(share) ? `${(100 * share).toFixed(1)} %` : '-';
}
