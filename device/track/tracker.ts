import { FrameInterval } from '../core/frame-interval.ts';
import type { Detection } from '../core/types.ts';
import { associate } from './association.ts';
import { coastDetection, isSmallInnovation } from './coast.ts';
import { type ConfirmationCriteria, Evidence, type Observation } from './evidence.ts';
import { correctMotion, type Innovation, innovationOf, type Motion, predictMotion, startMotion } from './motion.ts';
import { containsLandmarks, isPlausible } from './plausible.ts';

/** Something that is followed from frame to frame. Tentative until there is enough evidence that it is a face. */
export interface Track {
  /** Of this tracker only, from its first sight on: what others keep about a track, they keep under this. */
  readonly key: number;
  /** The number that is told to the world; none while it is tentative. Given in the order of confirmation, never again. */
  readonly id: number | undefined;
  readonly hasEnded: boolean;
}

export interface Tracked {
  readonly detection: Detection;
  readonly track: Track;
}

/** Gives the same person the same track from frame to frame. Pure: knows neither pictures nor a clock. */
export interface Tracker {
  /**
   * The detections of a frame that belong to a track, the tentative ones among them.
   *
   * @param detections of `lowScore` and more; overlapping ones suppressed
   * @param mono monotonic ms of the frame; must not decrease
   */
  update(detections: readonly Detection[], mono: number): Tracked[];
  /**
   * Where the faces of the last update should be by now, as long as nobody need look to tell: undefined while one of them is
   * tentative, hidden, faint or moves otherwise than was predicted, or where something is almost a face. Changes nothing; empty
   * where nobody is followed.
   *
   * @param mono monotonic ms, not before the last update
   */
  coast(mono: number): Tracked[] | undefined;
  /** The classifier's probability that what it saw on this track in the last frame is no face. */
  addReject(track: Track, reject: number): void;
  /** Keys of the tracks that still live, seen in this frame or not. */
  readonly live: ReadonlySet<number>;
}

export interface TrackerOptions {
  /** A track not seen for this long, in ms, has ended; where frames come seldom, not before it was missed in two of them. */
  readonly lostMs: number;
  /** Score from which a detection may start a track; weaker ones only carry on one that was confirmed. */
  readonly minScore: number;
  /** See `Standard`. */
  readonly confirmMs?: number;
  /** See `Standard`; from the model's card. */
  readonly maxReject?: number;
  /** Number of the first confirmed track. */
  readonly firstId?: number;
}

/**
 * Least score of a detection that is of any use. Faces that turn away or are half hidden fall to it; below lies what the
 * detector finds in curtains and hands (0.2 to 0.45 for seconds on end), which only its place keeps from mattering.
 */
export const lowScore = 0.3;
/** From here on it may be somebody who comes or turns round; what is none of that seldom gets there. */
const minCandidateScore = 0.5;

/**
 * At 30 frames a second a face counts from its fifth frame on, 133 ms after the first; a clear one from its second (see
 * evidence.ts). A print on a shirt and a hand reached the score of a face for 67 ms.
 */
const defaultConfirmMs = 120;
/** Rather no face than one. A model whose card has no limit gives no answer either. */
const defaultMaxReject = 0.5;

/** Unexpected faces per square of a face's height: one in fifty such squares, about one in a frame of 640x480 at 80 px. */
const newFaceDensity = 0.02;
/** Weak detections are mostly something else: they must lie closer (0.6 heights instead of 0.8). */
const weakFaceDensity = 0.1;
/** A weak detection continues a track that was seen until just now; one that was hidden must show itself clearly. */
const maxWeakGapMs = 300;
/** A tentative track may miss a few frames. */
const tentativeLostMs = 250;
/**
 * The same limits in frames, for sources that give one a second or less (stills, time lapses, a board that is too hot): a track
 * may be missed once, and one more half allows for frames that come late.
 */
const lostFrames = 2.5;
const tentativeFrames = 1.5;

/**
 * Two-stage association as in ByteTrack (Zhang et al. 2022): strong detections with the confirmed tracks, weak ones with
 * those that are left, and what strong ones remain with the tentative tracks or with nobody, which makes them new.
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
  /** By how much the last sight differed from what had been predicted; undefined for a first sight. */
  innovation: Innovation | undefined;
  seenAt: number;
  /** Since the last frame that it was seen in. */
  missed: number;
}

class TwoStageTracker implements Tracker {
  readonly #options: Required<TrackerOptions>;
  #tracks: TrackState[] = [];
  /** Of the last frame, in the order of its detections. */
  #observed: readonly ObservedTrack[] = [];
  /** Whether there was something in the last frame that is no face yet, but may be one in the next. */
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
    // Somebody may be gone before the next frame: waiting for a second sight would miss them.
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
    // Frames may come seldom: the one after the last sight is always waited for.
    return id === undefined && missed > 0 && unseenMs > this.#atLeast(tentativeLostMs, tentativeFrames);
  }

  /** `ms`, or so many frames where that is longer; of pictures that stand alone the next one is about somebody else. */
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
