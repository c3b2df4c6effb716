import { type UncertainReason, uncertain } from '../../../core/labels.ts';
import { median } from '../statistics.ts';
import { calm, type ExpectedPeople } from './expected.ts';

/** One face as it was shown in one frame. */
export interface ShownExpression {
  readonly track: number;
  readonly label: string;
  /** Why the label is `uncertain`. */
  readonly reason?: UncertainReason;
  /** Of its box, px. */
  readonly height: number;
}

/** A face as it was shown, and for how long. */
interface Moment extends Omit<ShownExpression, 'track'> {
  /** Position of the frame in the recording. */
  readonly frame: number;
  readonly seconds: number;
}

/** What one person was called, in order of time. */
export interface PersonStory {
  readonly tracks: readonly number[];
  readonly moments: readonly Moment[];
}

/** What one person was called, held against what they show. Times in seconds. */
export interface PersonResult {
  readonly who: string;
  readonly expected: string;
  readonly tracks: readonly number[];
  /** Median height of the boxes, px. */
  readonly height: number;
  readonly shown: number;
  readonly right: number;
  readonly wrong: number;
  readonly uncertain: number;
  /** Time `uncertain` by reason. */
  readonly reasons: Readonly<Partial<Record<UncertainReason | 'none', number>>>;
  /** Of the faces of `nameableHeight` and more. */
  readonly nameable: { readonly shown: number; readonly uncertain: number };
  /** Longest time without a break in which a calm person was called one of `costlyLabels`; 0 for others. */
  readonly longestCostly: number;
}

/** Names that cost most where a person is calm. */
export const costlyLabels: readonly string[] = ['angry', 'sad', 'fear', 'disgust'];

/** Faces of this height and more, in px, should have a name. */
export const nameableHeight = 40;

/** Keeps what is shown of each track, and when. */
export class ExpressionStories {
  readonly #times: number[] = [];
  readonly #shown: (ShownExpression & { readonly frame: number })[] = [];

  /** @param t seconds */
  add(t: number, faces: readonly ShownExpression[]): void {
    const frame = this.#times.length;
    this.#times.push(t);
    this.#shown.push(...faces.map((face) => ({ ...face, frame })));
  }

  /** @param personOf the person whom a track belongs to; undefined: nobody known, then the track is left out */
  ofPeople(personOf: (track: number) => number | undefined): PersonStory[] {
    const stories = new Map<number, { tracks: Set<number>; moments: Moment[] }>();
    for (const { track, ...shown } of this.#shown) {
      const person = personOf(track);
      if (person === undefined) continue;
      const story = stories.get(person) ?? { tracks: new Set(), moments: [] };
      stories.set(person, story);
      story.tracks.add(track);
      story.moments.push({ ...shown, seconds: this.#secondsOf(shown.frame) });
    }
    return [...stories.values()].map(({ tracks, moments }) => ({ tracks: [...tracks], moments }));
  }

  /** Until the next frame; the last one stands for as long as the one before. */
  #secondsOf(frame: number): number {
    const at = Math.max(0, Math.min(frame, this.#times.length - 2));
    const start = this.#times[at]!;
    return (this.#times[at + 1] ?? start) - start;
  }
}

/**
 * Holds each person against what the recording's people show. Where they do not all show the same, nobody has written down
 * who stands where: each expected person is then the one whose labels fit best, and everybody else is calm.
 */
export function judgePeople(stories: readonly PersonStory[], expected: readonly ExpectedPeople[]): PersonResult[] {
  const places = expected.flatMap(({ who, expression, count }) =>
    Array.from({ length: count }, () => ({ who, expression })),
  );
  const isSame = places.every(({ expression }) => expression === places[0]!.expression);
  const taken = isSame
    ? new Map(stories.map((story, index) => [story, places[index] ?? places.at(-1)]))
    : bestFit(stories, places);
  return stories.map((story) => judgePerson(story, taken.get(story) ?? { who: 'not listed', expression: calm }));
}

interface Place {
  readonly who: string;
  readonly expression: string;
}

function bestFit(stories: readonly PersonStory[], places: readonly Place[]): Map<PersonStory, Place> {
  const pairs = stories
    .flatMap((story) => places.map((place) => ({ story, place, fit: shareCalled(story, place.expression) })))
    .sort((a, b) => b.fit - a.fit);
  const taken = new Map<PersonStory, Place>();
  const free = new Set(places);
  for (const { story, place } of pairs) {
    if (taken.has(story) || !free.delete(place)) continue;
    taken.set(story, place);
  }
  return taken;
}

function shareCalled({ moments }: PersonStory, label: string): number {
  return secondsOf(moments.filter((moment) => moment.label === label)) / secondsOf(moments);
}

function judgePerson({ tracks, moments }: PersonStory, { who, expression }: Place): PersonResult {
  const unnamed = moments.filter(({ label }) => label === uncertain);
  const right = moments.filter(({ label }) => label === expression);
  const wrong = moments.filter(({ label }) => label !== expression && label !== uncertain);
  const isNameable = ({ height }: Moment) => height >= nameableHeight;
  return {
    who,
    expected: expression,
    tracks,
    height: median(moments.map(({ height }) => height)),
    shown: secondsOf(moments),
    right: secondsOf(right),
    wrong: secondsOf(wrong),
    uncertain: secondsOf(unnamed),
    reasons: secondsByReason(unnamed),
    nameable: { shown: secondsOf(moments.filter(isNameable)), uncertain: secondsOf(unnamed.filter(isNameable)) },
    longestCostly: expression === calm ? longestStretch(moments, costlyLabels) : 0,
  };
}

function secondsByReason(moments: readonly Moment[]): PersonResult['reasons'] {
  const reasons: Partial<Record<UncertainReason | 'none', number>> = {};
  for (const { reason = 'none', seconds } of moments) reasons[reason] = (reasons[reason] ?? 0) + seconds;
  return reasons;
}

/** Longest time in which each frame in turn showed one of these labels, in seconds. */
function longestStretch(moments: readonly Moment[], labels: readonly string[]): number {
  let longest = 0;
  let current = 0;
  let before = Number.NaN;
  for (const { frame, label, seconds } of moments) {
    if (frame !== before + 1) current = 0;
    current = labels.includes(label) ? current + seconds : 0;
    longest = Math.max(longest, current);
    before = frame;
  }
  return longest;
}

function secondsOf(moments: readonly Moment[]): number {
  return moments.reduce((sum, { seconds }) => sum + seconds, 0);
}
