import { type UncertainReason, uncertain } from '../../../core/labels.ts';
import { median } from '../statistics.ts';
import { calm, type ExpectedPeople } from './expected.ts';

/** One face with its label in one frame. */
export interface ShownExpression {
  readonly track: number;
  readonly label: string;
  /** Reason for `uncertain`. */
  readonly reason?: UncertainReason;
  /** Height of its box, px. */
  readonly height: number;
}

/** A labelled face and its duration. */
interface Moment extends Omit<ShownExpression, 'track'> {
  /** Index of the frame. */
  readonly frame: number;
  readonly seconds: number;
}

/** The labels of one person, in order of time. */
export interface PersonStory {
  readonly tracks: readonly number[];
  readonly moments: readonly Moment[];
}

/** The labels of one person compared with their expression. Times in seconds. */
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
  /** Counts only faces of `nameableHeight` and more. */
  readonly nameable: { readonly shown: number; readonly uncertain: number };
  /** Longest uninterrupted time with one of `costlyLabels` for a calm person; 0 for other people. */
  readonly longestCostly: number;
}

/** The worst labels for a calm person. */
export const costlyLabels: readonly string[] = ['angry', 'sad', 'fear', 'disgust'];

/** Faces of this height and more, in px, should have a label. */
export const nameableHeight = 40;

/** Records the labels of each track with their times. */
export class ExpressionStories {
  readonly #times: number[] = [];
  readonly #shown: (ShownExpression & { readonly frame: number })[] = [];

  /** @param t seconds */
  add(t: number, faces: readonly ShownExpression[]): void {
    const frame = this.#times.length;
    this.#times.push(t);
    this.#shown.push(...faces.map((face) => ({ ...face, frame })));
  }

  /** @param personOf the person of a track; a track without a person is left out */
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

  /** Time until the next frame; the last frame has the duration of the one before. */
  #secondsOf(frame: number): number {
    const at = Math.max(0, Math.min(frame, this.#times.length - 2));
    const start = this.#times[at]!;
    return (this.#times[at + 1] ?? start) - start;
  }
}

/**
 * Compares each person with the expected expressions. The expectations hold no positions. If they differ, each expected
 * person is matched to the person with the best fitting labels, and all others count as calm.
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

/** Longest uninterrupted time with one of these labels, in seconds. */
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
