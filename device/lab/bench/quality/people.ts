import { iou } from '../../../core/boxes.ts';
import type { Box } from '../../../core/types.ts';
import type { FrameMatch, ReferenceFace } from './matching.ts';

interface Person {
  box: Box;
  seenAt: number;
  /** Under which it was last shown. */
  track: number | undefined;
}

/** Least overlap with its box before, for a face to be the same person; faces in a frame lie further apart. */
const samePerson = 0.3;
/** So long somebody may be out of sight, in seconds. */
const longestAbsence = 1;

/**
 * Follows the faces of the reference by their overlap alone, which no tracker of Mien's has a part in, and counts how often
 * one of them is shown under another track than before (identity switches, as MOTChallenge counts them). It also says which
 * person each track followed.
 */
export class People {
  readonly #people: Person[] = [];
  readonly #framesOf = new Map<number, Map<Person, number>>();
  #switches = 0;

  get switches(): number {
    return this.#switches;
  }

  /** Number of the person whom this track followed in most frames; undefined where it followed nobody. */
  personOf(track: number): number | undefined {
    const frames = [...(this.#framesOf.get(track) ?? [])].sort((a, b) => b[1] - a[1]);
    return frames[0] && this.#people.indexOf(frames[0][0]);
  }

  /** @param t seconds */
  add(reference: readonly ReferenceFace[], { found }: FrameMatch, t: number): void {
    const shownAs = new Map(found.map((pair) => [pair.reference, pair.shown.track]));
    const taken = new Set<Person>();
    for (const face of reference) {
      if (!face.isCertain) continue;
      const person = this.#whoIs(face, taken, t);
      taken.add(person);
      const track = shownAs.get(face);
      if (track !== undefined && person.track !== undefined && track !== person.track) this.#switches += 1;
      person.track = track ?? person.track;
      if (track !== undefined) this.#count(track, person);
    }
  }

  #count(track: number, person: Person): void {
    const frames = this.#framesOf.get(track) ?? new Map<Person, number>();
    this.#framesOf.set(track, frames.set(person, (frames.get(person) ?? 0) + 1));
  }

  #whoIs({ box }: ReferenceFace, taken: ReadonlySet<Person>, t: number): Person {
    const near = this.#people
      .filter(
        (person) => !taken.has(person) && t - person.seenAt <= longestAbsence && iou(person.box, box) >= samePerson,
      )
      .sort((a, b) => iou(b.box, box) - iou(a.box, box));
    const person = near[0] ?? { box, seenAt: t, track: undefined };
    if (!near[0]) this.#people.push(person);
    person.box = box;
    person.seenAt = t;
    return person;
  }
}
