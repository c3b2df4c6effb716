/** Over how many of the last frames the averages go: a third of a second at 30 frames a second. */
const window = 10;
/** What is not there in this share of the frames flickers. The longest run of a print or a hand in the recordings: 2 of 4. */
const minPresence = 0.6;
/** A face that turned its head to the side for a frame or two is still one. */
const minPlausible = 0.5;
/** Sights that it takes... */
const minObservations = 3;
/** ... where frames come so seldom that three would take this long, two, in ms. */
const sparseConfirmMs = 400;

/**
 * Score of a clear sight. In the recordings no hand and no print came above 0.81; faces of 40 px and more that look at the
 * camera reach it in their first frames.
 */
const clearScore = 0.85;
/** Probability of being no face up to which the classifier does not contradict a clear sight: rather a face than none. */
const maxClearReject = 0.5;

/** One sight of something with the score that a face must have. */
export interface Observation {
  readonly score: number;
  /** Whether the landmarks lie as in a face; without landmarks (Haar) nothing speaks for it, nor against it. */
  readonly landmarks: 'plausible' | 'implausible' | 'none';
}

export interface ConfirmationCriteria {
  /** How long something must have been seen, in ms; 0 takes everything for a face at its first sight. */
  readonly confirmMs: number;
  /** Mean probability of being no face above which it is taken for none. */
  readonly maxReject: number;
}

/** What speaks for and against something being a face, until that is decided. */
export class Evidence {
  readonly #firstSeen: number;
  #lastSeen: number;
  #observations = 0;
  /** Whether it was clearly a face in each frame so far. */
  #isClear = true;
  readonly #presence = new RecentMean();
  readonly #plausible = new RecentMean();
  readonly #reject = new RecentMean();

  /** @param mono monotonic ms of the first sight */
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

  /** The classifier's probability that it is no face. */
  addReject(probability: number): void {
    this.#reject.add(probability);
  }

  /** @param isSparse a second sight may not come: frames are further apart than a track would live at the usual rates */
  isConfirmed({ confirmMs, maxReject }: ConfirmationCriteria, isSparse: boolean): boolean {
    if (confirmMs === 0) return true;
    const isProper =
      this.#presence.value >= minPresence &&
      this.#plausible.value >= minPlausible &&
      // Without an answer: 0.
      this.#reject.value <= maxReject;
    return isProper && (isSparse || this.#isClearFace() || this.#isOldEnough(confirmMs));
  }

  /** One clear frame can deceive; two in a row did not in any recording. */
  #isClearFace(): boolean {
    return this.#isClear && this.#observations >= 2 && this.#reject.value <= maxClearReject;
  }

  #isOldEnough(confirmMs: number): boolean {
    const age = this.#lastSeen - this.#firstSeen;
    if (age < confirmMs) return false;
    return this.#observations >= minObservations || (this.#observations === 2 && age >= sparseConfirmMs);
  }
}

/** The plain mean of the first values, of the last ones with fading weights after that. */
class RecentMean {
  value = 0;
  #count = 0;

  add(value: number): void {
    this.#count = Math.min(window, this.#count + 1);
    this.value += (value - this.value) / this.#count;
  }
}
