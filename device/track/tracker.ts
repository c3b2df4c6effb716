import { FrameInterval } from '../core/frame-interval.ts';
import type { Detection } from '../core/types.ts';
import { associate } from './association.ts';
import { coastDetection, isSmallInnovation } from './coast.ts';
import { type ConfirmationCriteria, Evidence, type Observation } from './evidence.ts';
import { correctMotion, type Innovation, innovationOf, type Motion, predictMotion, startMotion } from './motion.ts';
import { containsLandmarks, isPlausible } from './plausible.ts';

/** An object that is followed from frame to frame. Tentative until the evidence confirms that it is a face. */
export interface Track {
  /** Key within this tracker, from the first detection on. Other stages store their state of a track under this key. */
  readonly key: number;
  /** The published id; undefined while tentative. Assigned in the order of confirmation, never twice. */
  readonly id: number | undefined;
  readonly hasEnded: boolean;
}

export interface Tracked {
  readonly detection: Detection;
  readonly track: Track;
}

/** Assigns the same person the same track from frame to frame. Pure: uses neither pictures nor a clock. */
export interface Tracker {
  /**
   * The detections of a frame that belong to a track, including tentative ones.
   *
   * @param detections of `lowScore` and more; overlapping ones suppressed
   * @param mono monotonic ms of the frame; must not decrease
   */
  update(detections: readonly Detection[], mono: number): Tracked[];
  /**
   * Predicted faces at `mono`, as long as prediction can replace detection. Undefined while a track is tentative,
   * hidden, has a low score or moves other than predicted, or while a weak detection may become a face. Changes
   * nothing; empty without tracks.
   *
   * @param mono monotonic ms, not before the last update
   */
  coast(mono: number): Tracked[] | undefined;
  /** Records the classifier's probability that this track's crop in the last frame is not a face. */
  addReject(track: Track, reject: number): void;
  /** Keys of the tracks that have not ended, detected in this frame or not. */
  readonly live: ReadonlySet<number>;
}

export interface TrackerOptions {
  /**
   * A track without a detection for this long, in ms, ends. At low frame rates it ends only after it was missed in two
   * frames.
   */
  readonly lostMs: number;
  /** Minimum score of a detection that may start a track; weaker ones only continue a confirmed one. */
  readonly minScore: number;
  /** See `ConfirmationCriteria`. */
  readonly confirmMs?: number;
  /** See `ConfirmationCriteria`; from the model's card. */
  readonly maxReject?: number;
  /** Id of the first confirmed track. */
  readonly firstId?: number;
}

/**
 * Minimum score of a detection that the tracker uses. Faces that turn away or are half hidden fall to this score. Below
 * it are detections in curtains and hands (0.2 to 0.45 for seconds); only their position keeps them out of a track.
 */
export const lowScore = 0.3;
/** Score above which a detection may start a tentative track soon; false positives rarely reach it. */
const minCandidateScore = 0.5;

/**
 * At 30 frames a second a face is confirmed in its fifth frame, 133 ms after the first; a clear one in its second (see
 * evidence.ts). A print on a shirt and a hand reached the score of a face for 67 ms.
 */
const defaultConfirmMs = 120;
/**
 * Detections that are more likely no face are not confirmed. A model without a limit in its card gives no reject
 * probability either.
 */
const defaultMaxReject = 0.5;

/** Expected new faces per square of a face's height: one in fifty squares, about one in a frame of 640x480 at 80 px. */
const newFaceDensity = 0.02;
/** Weak detections are mostly false positives: they must be closer to the prediction (0.6 heights instead of 0.8). */
const weakFaceDensity = 0.1;
/**
 * A weak detection continues a track only within this time, in ms, after its last detection. A hidden face needs a
 * strong detection.
 */
const maxWeakGapMs = 300;
/** Time without a detection after which a tentative track ends, in ms: it may miss a few frames. */
const tentativeLostMs = 250;
/**
 * The same limits in frames, for sources with one frame a second or less (stills, time lapses, a throttled board): a
 * track may be missed once, and one more half allows for late frames.
 */
const lostFrames = 2.5;
const tentativeFrames = 1.5;

/**
 * Two-stage association as in ByteTrack (Zhang et al. 2022): strong detections with confirmed tracks, then weak ones
 * with the remaining confirmed tracks. The remaining strong ones are paired with tentative tracks or start new ones.
 */
export function createTracker({ lostMs, minScore, ...more }: TrackerOptions): Tracker {
  const { confirmMs = defaultConfirmMs, maxReject = defaultMaxReject, firstId = 1 } = more;
  return new TwoStageTracker({ lostMs, minScore, confirmMs, maxReject, firstId });
}

interface ObservedTrack extends Tracked {
  readonly track: TrackState;
}

interface TrackState extends Track {
  id: number | undefined;
  hasEnded: boolean;
  motion: Motion;
  readonly evidence: Evidence;
  /** Difference between the last detection and its prediction; undefined for a first detection. */
  innovation: Innovation | undefined;
  seenAt: number;
  /** Frames since its last detection. */
  missed: number;
}

class TwoStageTracker implements Tracker {
  readonly #options: Required<TrackerOptions>;
  #tracks: TrackState[] = [];
  /** Tracks of the last frame, in the order of its detections. */
  #observed: readonly ObservedTrack[] = [];
  /** Whether the last frame had a detection that is too weak to be a face but may be one in the next. */
  #hasWeakCandidate = false;
  #nextKey = 1;
  #nextId: number;
  #mono: number | undefined;
  readonly #interval = new FrameInterval();

  constructor(options: Required<TrackerOptions>) {
    this.#options = options;
    this.#nextId = options.firstId;
  }

  get live(): ReadonlySet<number> {
    return new Set(this.#tracks.map(({ key }) => key));
  }

  addReject({ key }: Track, reject: number): void {
    this.#tracks.find((track) => track.key === key)?.evidence.addReject(reject);
  }

  update(detections: readonly Detection[], mono: number): Tracked[] {
    const elapsed = Math.max(0, mono - (this.#mono ?? mono));
    this.#mono = mono;
    this.#interval.add(mono);
    this.#endLost(mono);
    for (const track of this.#tracks) track.motion = predictMotion(track.motion, elapsed / 1000);
    const pairs = this.#pair(detections, mono);
    const seen = new Set(pairs.values());
    for (const track of this.#tracks) if (!seen.has(track)) recordMiss(track);
    for (const [detection, track] of pairs) recordObservation(track, detection, mono);
    // The face may be gone before the next frame: waiting for a second detection would miss it.
    const isSparse = this.#interval.ms > this.#options.lostMs;
    const tracked: ObservedTrack[] = [];
    for (const detection of detections) {
      const track = pairs.get(detection) ?? this.#start(detection, mono);
      if (!track) continue;
      this.#confirm(track, isSparse);
      tracked.push({ detection, track });
    }
    this.#observed = tracked;
    this.#hasWeakCandidate = detections.some(
      ({ score }) => score >= minCandidateScore && score < this.#options.minScore,
    );
    return tracked;
  }

  coast(mono: number): Tracked[] | undefined {
    const allSeen = this.#observed.length === this.#tracks.length;
    if (!allSeen || this.#hasWeakCandidate || !this.#observed.every((seen) => this.#isPredictable(seen)))
      return undefined;
    const seconds = this.#mono === undefined ? 0 : Math.max(0, mono - this.#mono) / 1000;
    return this.#observed.map(({ detection, track }) => ({
      detection: coastDetection(detection, track.motion, predictMotion(track.motion, seconds)),
      track,
    }));
  }

  #isPredictable({ detection, track: { id, innovation } }: ObservedTrack): boolean {
    return (
      id !== undefined &&
      detection.score >= this.#options.minScore &&
      innovation !== undefined &&
      isSmallInnovation(innovation)
    );
  }

  #pair(detections: readonly Detection[], mono: number): Map<Detection, TrackState> {
    const strong = detections.filter(({ score }) => score >= this.#options.minScore);
    const weak = detections.filter((detection) => this.#isWeak(detection));
    const confirmed = this.#tracks.filter(({ id }) => id !== undefined);
    const tentative = this.#tracks.filter(({ id }) => id === undefined);
    const first = associate(confirmed, strong, newFaceDensity);
    const found = new Set(first.values());
    const unmatched = confirmed.filter((track) => !found.has(track) && mono - track.seenAt <= maxWeakGapMs);
    const second = associate(unmatched, weak, weakFaceDensity);
    const unclaimed = strong.filter((detection) => !first.has(detection));
    return new Map([...first, ...second, ...associate(tentative, unclaimed, newFaceDensity)]);
  }

  #isWeak(detection: Detection): boolean {
    const { score } = detection;
    return score >= lowScore && score < this.#options.minScore && containsLandmarks(detection);
  }

  #start(detection: Detection, mono: number): TrackState | undefined {
    if (detection.score < this.#options.minScore) return undefined;
    const track: TrackState = {
      key: this.#nextKey++,
      id: undefined,
      hasEnded: false,
      motion: startMotion(detection.box),
      evidence: new Evidence(mono),
      innovation: undefined,
      seenAt: mono,
      missed: 0,
    };
    track.evidence.addObservation(observationOf(detection), mono);
    this.#tracks.push(track);
    return track;
  }

  #confirm(track: TrackState, isSparse: boolean): void {
    const standard: ConfirmationCriteria = this.#options;
    if (track.id === undefined && track.evidence.isConfirmed(standard, isSparse)) track.id = this.#nextId++;
  }

  #endLost(mono: number): void {
    for (const track of this.#tracks) track.hasEnded = this.#isLost(track, mono - track.seenAt);
    this.#tracks = this.#tracks.filter(({ hasEnded }) => !hasEnded);
  }

  #isLost({ id, missed }: TrackState, unseenMs: number): boolean {
    if (unseenMs > this.#atLeast(this.#options.lostMs, lostFrames)) return true;
    // At low frame rates, the frame after the last detection is always awaited.
    return id === undefined && missed > 0 && unseenMs > this.#atLeast(tentativeLostMs, tentativeFrames);
  }

  /**
   * `ms`, or the duration of `frames` where that is longer. Independent pictures (`confirmMs` 0) use `ms` only, because
   * the next one shows other people.
   */
  #atLeast(ms: number, frames: number): number {
    return this.#options.confirmMs === 0 ? ms : this.#interval.atLeast(ms, frames);
  }
}

function observationOf(detection: Detection): Observation {
  const { score, landmarks } = detection;
  if (!landmarks) return { score, landmarks: 'none' };
  return { score, landmarks: isPlausible(detection) ? 'plausible' : 'implausible' };
}

function recordObservation(track: TrackState, detection: Detection, mono: number): void {
  track.innovation = innovationOf(track.motion, detection.box);
  track.motion = correctMotion(track.motion, detection.box);
  track.seenAt = mono;
  track.missed = 0;
  if (track.id === undefined) track.evidence.addObservation(observationOf(detection), mono);
}

function recordMiss(track: TrackState): void {
  track.missed += 1;
  if (track.id === undefined) track.evidence.addMiss();
}
