import type { UncertainReason } from './labels.ts';

/**
 * What flows through Mien, from the camera to the sinks. Values are read-only; a stage makes new ones.
 *
 * Two clocks: `ts` is the wall clock (ms since 1970, UTC) and only labels things; `mono` is the monotonic clock (ms
 * since an arbitrary start) and is the only one that durations, rates and order are computed from, because a board
 * without a real-time clock jumps when it first hears from a time server.
 */

/** A rectangle in pixels of the frame; may reach over its edge. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A point in pixels of the frame. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** The points of a face that a detector finds; left and right as seen in the picture. YuNet finds five, BlazeFace six. */
export type Landmarks = {
  readonly eyeLeft: Point;
  readonly eyeRight: Point;
  readonly nose: Point;
} & (MouthCorners | MouthAndEars);

interface MouthCorners {
  readonly mouthLeft: Point;
  readonly mouthRight: Point;
  readonly mouth?: undefined;
}

interface MouthAndEars {
  /** The middle of the mouth. */
  readonly mouth: Point;
  readonly earLeft: Point;
  readonly earRight: Point;
  readonly mouthLeft?: undefined;
  readonly mouthRight?: undefined;
}

/** One face that a detector found in one frame. `score` is 0..1 where the detector has one (Haar has none: 1). */
export interface Detection {
  readonly box: Box;
  readonly score: number;
  readonly landmarks?: Landmarks;
}

/** Probability per label; the keys stand in the order of the model card and the values sum to 1. */
export type Probabilities = Readonly<Record<string, number>>;

/** One face of a reading: where it is, whose track it belongs to and which expression it shows. */
export interface Face {
  readonly track: number;
  readonly box: Box;
  readonly score: number;
  readonly landmarks?: Landmarks;
  /** The most probable label after smoothing over time, or `uncertain` (core/labels.ts). */
  readonly label: string;
  /** Why the label is `uncertain`; absent with every other label. */
  readonly reason?: UncertainReason;
  /** Calibrated probability of the label; absent while it is `uncertain`. */
  readonly probability?: number;
  /** Smoothed over time; calibrated by the card's temperature. */
  readonly probabilities: Probabilities;
  /** Probability that this is no face, or one that people could not tell; smoothed. Only from models that say so. */
  readonly reject?: number;
}

/** What was seen in one frame. */
export interface Reading {
  /** Number of the frame since the source was opened, from 0; gaps are frames that were dropped. */
  readonly frame: number;
  /** Seconds into the source for a recording, since opening for a camera. */
  readonly t: number;
  readonly ts: number;
  readonly mono: number;
  readonly width: number;
  readonly height: number;
  readonly faces: readonly Face[];
  /** Faces named happy among the faces with a name, 0..1; null while no face has one. */
  readonly happyShare: number | null;
}

/** A reading together with the picture that it was made from, as one thing, so that they can never differ by a frame. */
export interface LiveFrame {
  readonly reading: Reading;
  /** JPEG of exactly this frame, at the reading's width and height. */
  readonly jpeg: Uint8Array;
}

/** One person's stay in front of the camera. No identity: who comes back is a new visit. */
export interface Visit {
  /** Unique over restarts: `<bootId>-<seq>`. */
  readonly id: string;
  readonly bootId: string;
  readonly seq: number;
  readonly track: number;
  /** Wall clock, ms. */
  readonly startedAt: number;
  readonly endedAt: number;
  /** Monotonic, ms. Not `endedAt - startedAt` where the wall clock jumped in between. */
  readonly dwellMs: number;
  /** The label with the largest share of the time; `uncertain` only for a visit without a named moment. */
  readonly dominant: string;
  /** Share of the dwell per label, and of `uncertain` where it was shown, 0..1. */
  readonly shares: Probabilities;
  /** Share of the dwell per reason for `uncertain`, only those above 0. */
  readonly reasons: Readonly<Partial<Record<UncertainReason, number>>>;
  /** Time happy among the time with a name, 0..1; null without a named moment. */
  readonly happyShare: number | null;
  /** The clearest named moment of the visit; null where there is none. */
  readonly strongest: { readonly label: string; readonly probability: number; readonly ts: number } | null;
  /** Mean probability of the label shown, over the frames with a named one, 0..1; null where there is none. */
  readonly confidence: number | null;
  /** How many frames the visit was seen in. */
  readonly frames: number;
  /** The device was cut off (power cut, killed) during the visit: it may have lasted longer. Absent with every other visit. */
  readonly cut?: true;
}

/** What one track showed during one sampling interval (about a second): the row that the log keeps. */
export interface Sample {
  readonly ts: number;
  readonly track: number;
  /** The one shown in most of the frames; may be `uncertain`. */
  readonly label: string;
  /** The most frequent reason where the label is `uncertain`; absent with every other label. */
  readonly reason?: UncertainReason;
  /** Mean calibrated probability of the label over the frames that show it; null with `uncertain`. */
  readonly probability: number | null;
  /** Mean over the interval. */
  readonly probabilities: Probabilities;
  /** Frames named happy among the frames with a name, 0..1; null without a named frame. */
  readonly happyShare: number | null;
  /** Mean detection score. */
  readonly score: number;
  /** Readings in the interval that held this track. */
  readonly frames: number;
}
