import { iou } from '../../../core/boxes.ts';
import type { Box } from '../../../core/types.ts';
import type { FrameMatch, ReferenceFace } from './matching.ts';

interface Person {
  box: Box;
  seenAt: number;
  /** Its last track. */
  track: number | undefined;
}

/** Minimum overlap with the earlier box for the same person; different faces overlap less. */
const samePerson = 0.3;
/** Longest absence of a person, in seconds. */
const longestAbsence = 1;

/**
 * Tracks the faces of the reference by overlap only, independently of Mien's tracker, and counts identity switches as in
 * MOTChallenge. It also reports the person of each track.
 */
export class People {
  readonly #people: Person[] = [];
  readonly #framesOf = new Map<number, Map<Person, number>>();
  #switches = 0;

  get switches(): number {
    return this.#switches;
  }

  /** The person that this track followed in most frames; undefined if it followed no person. */
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
