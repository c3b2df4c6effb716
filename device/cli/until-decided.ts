import { FrameInterval } from '../core/frame-interval.ts';
import type { FaceCandidate } from '../vision/pipeline.ts';

/** What is a face is decided within half a second, or mostly never: a poster may stay undecided for as long as it hangs. */
const longestWaitMs = 1000;
/** The same where frames come seldom: a face is one at its second sight there, and may be missed once before. */
const longestWaitFrames = 2.5;

interface SeenFrame {
  /** Seconds into the source. */
  readonly t: number;
  readonly sights: readonly FaceCandidate[];
}

/**
 * Holds frames back until it is decided what in them is a face. A camera has to say at once what it sees, and a face counts
 * there from its confirmation on; of a recording every frame is told what is known in the end.
 */
export class UntilDecided<Frame extends SeenFrame> {
  readonly #interval = new FrameInterval();
  #waiting: Frame[] = [];

  /** @returns the frames that are decided now, in their order */
  add(frame: Frame): Frame[] {
    this.#waiting.push(frame);
    this.#interval.add(1000 * frame.t);
    const longestWaitS = this.#interval.atLeast(longestWaitMs, longestWaitFrames) / 1000;
    const open = this.#waiting.findIndex(({ t, sights }) => frame.t - t <= longestWaitS && sights.some(isOpen));
    return this.#waiting.splice(0, open === -1 ? this.#waiting.length : open);
  }

  /** What is left at the end of the source; what has not been decided by then is no face. */
  rest(): Frame[] {
    return this.#waiting.splice(0);
  }
}

function isOpen({ track }: FaceCandidate): boolean {
  return track.id === undefined && !track.hasEnded;
}
