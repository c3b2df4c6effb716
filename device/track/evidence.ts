/** Number of frames over which the averages run: a third of a second at 30 frames a second. */
const window = 10;
/**
 * Minimum share of frames with a detection; below it the detection flickers. The longest run of a print or a hand in
 * the recordings was 2 of 4.
 */
const minPresence = 0.6;
/** Minimum share of plausible sights: a face may turn to the side for a frame or two. */
const minPlausible = 0.5;
/** Observations that a confirmation needs. */
const minObservations = 3;
/** At low frame rates two observations suffice after this time, in ms. */
const sparseConfirmMs = 400;

/**
 * Score of a clear observation. In the recordings no hand and no print exceeded 0.81; faces of 40 px and more that look
 * at the camera reach it in their first frames.
 */
const clearScore = 0.85;
/** Reject probability up to which a clear observation is accepted; the limit prefers a false face to a missed one. */
const maxClearReject = 0.5;

/** One detection with the score of a face. */
export interface Observation {
  readonly score: number;
  /** Whether the landmarks are arranged as in a face; `none` (Haar) counts neither for nor against it. */
  readonly landmarks: 'plausible' | 'implausible' | 'none';
}

export interface ConfirmationCriteria {
  /** Time for which a detection must have been observed, in ms; 0 confirms at the first observation. */
  readonly confirmMs: number;
  /** Mean reject probability above which a detection is not confirmed. */
  readonly maxReject: number;
}

/** Evidence for and against a track being a face, until it is confirmed. */
export class Evidence {
  readonly #firstSeen: number;
  #lastSeen: number;
  #observations = 0;
  /** Whether every frame so far was a clear observation. */
  #isClear = true;
  readonly #presence = new RecentMean();
  readonly #plausible = new RecentMean();
  readonly #reject = new RecentMean();

  /** @param mono monotonic ms of the first observation */
  constructor(mono: number) {
    this.#firstSeen = mono;
    this.#lastSeen = mono;
  }

  addObservation({ score, landmarks }: Observation, mono: number): void {
    this.#observations += 1;
    this.#lastSeen = mono;
    this.#presence.add(1);
    this.#plausible.add(landmarks === 'implausible' ? 0 : 1);
    this.#isClear &&= score >= clearScore && landmarks === 'plausible';
  }

  addMiss(): void {
    this.#isClear = false;
    this.#presence.add(0);
  }

  /** Adds the classifier's probability that the crop is not a face. */
  addReject(probability: number): void {
    this.#reject.add(probability);
  }

  /** @param isSparse a second sight may not come: frames are further apart than a track would live at the usual rates */
  isConfirmed({ confirmMs, maxReject }: ConfirmationCriteria, isSparse: boolean): boolean {
    if (confirmMs === 0) return true;
    const isProper =
      this.#presence.value >= minPresence &&
      this.#plausible.value >= minPlausible &&
      // The mean is 0 without an answer of the classifier.
      this.#reject.value <= maxReject;
    return isProper && (isSparse || this.#isClearFace() || this.#isOldEnough(confirmMs));
  }

  /** A single clear frame can be a false positive; two in a row were none in any recording. */
  #isClearFace(): boolean {
    return this.#isClear && this.#observations >= 2 && this.#reject.value <= maxClearReject;
  }

  #isOldEnough(confirmMs: number): boolean {
    const age = this.#lastSeen - this.#firstSeen;
    if (age < confirmMs) return false;
    return this.#observations >= minObservations || (this.#observations === 2 && age >= sparseConfirmMs);
  }
}

/** The plain mean of the first `window` values, then an exponential moving average. */
class RecentMean {
  value = 0;
  #count = 0;

  add(value: number): void {
    this.#count = Math.min(window, this.#count + 1);
    this.value += (value - this.value) / this.#count;
  }
}
