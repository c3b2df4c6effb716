import type { Browser } from 'playwright-core';
import type { Face, LiveFrame } from '../../../core/types.ts';
import { drawPeople } from '../../fixtures/drawn-people.ts';
import { labels, makeFace, makeReading } from '../../fixtures/http-fixture.ts';

const size = { width: 1280, height: 720 };
/** Number of different pictures: 2 s, repeated. */
const pictures = 60;
const turnMs = 1500;

/** An endless sequence of frames with eight drawn people who move and change their expressions. */
export class Crowd {
  readonly #jpegs: readonly Uint8Array[];
  readonly #startedAt = Date.now();
  #frame = 0;

  private constructor(jpegs: readonly Uint8Array[]) {
    this.#jpegs = jpegs;
  }

  static async draw(browser: Browser): Promise<Crowd> {
    const drawings = Array.from({ length: pictures }, (_, at) => ({ ...size, faces: facesAt(at, 0) }));
    return new Crowd(await drawPeople(browser, drawings));
  }

  next(): LiveFrame {
    const frame = this.#frame++;
    const elapsed = Date.now() - this.#startedAt;
    const faces = facesAt(frame % pictures, elapsed);
    const reading = makeReading(frame, { ...size, faces, ts: this.#startedAt + elapsed, mono: elapsed });
    return { reading, jpeg: this.#jpegs[frame % pictures]! };
  }
}

function facesAt(picture: number, elapsed: number): Face[] {
  const sway = 40 * Math.sin((2 * Math.PI * picture) / pictures);
  return Array.from({ length: 8 }, (_, person) => {
    const label = labels[(person + Math.floor(elapsed / turnMs)) % labels.length]!;
    const box = {
      x: 60 + (person % 4) * 300 + sway * (person % 2 ? 1 : -1),
      y: 80 + Math.floor(person / 4) * 300,
      width: 120,
      height: 120,
    };
    const face = makeFace(label, box, person + 1);
    // The probabilities change in every frame, so that every bar moves.
    const weights = labels.map((each, at) => (each === label ? 6 : 1 + Math.sin(elapsed / 300 + at + person)));
    const sum = weights.reduce((total, weight) => total + weight, 0);
    return { ...face, probabilities: Object.fromEntries(labels.map((each, at) => [each, weights[at]! / sum])) };
  });
}
