import { FrameInterval } from '../../core/frame-interval.ts';
import type { FaceCandidate } from '../../vision/pipeline.ts';

/** Most faces are confirmed within 0.5 s. A poster may stay unconfirmed, so the wait has this limit. */
const maxWaitMs = 1000;
/** The limit at low frame rates: a face is confirmed at its second detection, and one may be missed in between. */
const maxWaitFrames = 2.5;

interface SeenFrame {
  /** Seconds into the source. */
  readonly t: number;
  readonly sights: readonly FaceCandidate[];
}

/**
 * Holds frames back until every track in them is confirmed or has ended. A camera must report at once, so a face counts from
 * its confirmation on. In a recording, a confirmed face counts from its first frame.
 */
export class UntilDecided<Frame extends SeenFrame> {
  readonly #interval = new FrameInterval();
  #waiting: Frame[] = [];

  /** @returns the frames that are now decided, in order */
  add(frame: Frame): Frame[] {
    this.#waiting.push(frame);
    this.#interval.add(1000 * frame.t);
    const maxWaitS = this.#interval.atLeast(maxWaitMs, maxWaitFrames) / 1000;
    const open = this.#waiting.findIndex(({ t, sights }) => frame.t - t <= maxWaitS && sights.some(isOpen));
    return this.#waiting.splice(0, open === -1 ? this.#waiting.length : open);
  }

  /** The remaining frames at the end of the source. Unconfirmed tracks are not faces. */
  rest(): Frame[] {
    return this.#waiting.splice(0);
  }
}

function isOpen({ track }: FaceCandidate): boolean {
  return track.id === undefined && !track.hasEnded;
}
