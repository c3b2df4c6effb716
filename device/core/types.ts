import type { UncertainReason } from './labels.ts';

/**
 * The data that flows through Mien, from the camera to the sinks. Values are read-only; a stage makes new ones.
 *
 * Two clocks: `ts` is the wall clock (ms since 1970, UTC) and is a label only. `mono` is the monotonic clock (ms since an
 * arbitrary start). Durations, rates and order are computed from `mono` only, because the wall clock of a board without a
 * real-time clock jumps when it first reaches a time server.
 */

/** A camera that V4L2 lists. */
export interface CaptureDevice {
  /** `/dev/video0` */
  readonly path: string;
  /** The link under /dev/v4l/by-id, which stays the same after a restart and in another USB socket. */
  readonly stablePath: string | undefined;
  /** The driver's name for it. */
  readonly name: string;
  /** False for a virtual camera (v4l2loopback, vivid), as used in tests. */
  readonly isUsb: boolean;
}

/** A rectangle in pixels of the frame. It may extend beyond the frame. */
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

/** One face that a detector found in one frame. `score` is 0..1; it is 1 for Haar, which has no score. */
export interface Detection {
  readonly box: Box;
  readonly score: number;
  readonly landmarks?: Landmarks;
}

/** Probability per label; the keys stand in the order of the model card and the values sum to 1. */
export type Probabilities = Readonly<Record<string, number>>;

/** One face of a reading: its track, its position and its apparent expression. */
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
  /** Smoothed probability that this is not a face, or that people could not name its expression. Only from models that output it. */
  readonly reject?: number;
}

/** The faces of one frame. */
export interface Reading {
  /** Number of the frame since the source was opened, from 0. Dropped frames leave gaps. */
  readonly frame: number;
  /** Seconds into the source for a recording, since opening for a camera. */
  readonly t: number;
  readonly ts: number;
  readonly mono: number;
  readonly width: number;
  readonly height: number;
  readonly faces: readonly Face[];
  /** Share of happy faces among the faces with a named label, 0..1; null without such a face. */
  readonly happyShare: number | null;
}

/** A reading with the picture that it was made from, in one value, so that they always belong to the same frame. */
export interface LiveFrame {
  readonly reading: Reading;
  /** JPEG of exactly this frame, at the reading's width and height. */
  readonly jpeg: Uint8Array;
}

/** One person's stay in front of the camera. No identity: a person who comes back is a new visit. */
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
  /** The label with the largest share of the time; `uncertain` only for a visit without a named label. */
  readonly dominant: string;
  /** Share of the dwell per label, and of `uncertain` where it was shown, 0..1. */
  readonly shares: Probabilities;
  /** Share of the dwell per reason for `uncertain`, only those above 0. */
  readonly reasons: Readonly<Partial<Record<UncertainReason, number>>>;
  /** Share of happy in the time with a named label, 0..1; null without such time. */
  readonly happyShare: number | null;
  /** The named label with the highest probability; null without a named label. */
  readonly strongest: { readonly label: string; readonly probability: number; readonly ts: number } | null;
  /** Mean probability of the label, over the frames with a named label, 0..1; null without such frames. */
  readonly confidence: number | null;
  /** Number of frames with this visit. */
  readonly frames: number;
  /** The daemon was killed or lost power during the visit, which may have lasted longer. Absent for every other visit. */
  readonly cut?: true;
}

/** One track over one sampling interval (about a second): a row of the log. */
export interface Sample {
  readonly ts: number;
  readonly track: number;
  /** The label of most frames; may be `uncertain`. */
  readonly label: string;
  /** The most frequent reason where the label is `uncertain`; absent with every other label. */
  readonly reason?: UncertainReason;
  /** Mean calibrated probability of the label over the frames that show it; null with `uncertain`. */
  readonly probability: number | null;
  /** Mean over the interval. */
  readonly probabilities: Probabilities;
  /** Share of happy among the frames with a named label, 0..1; null without such a frame. */
  readonly happyShare: number | null;
  /** Mean detection score. */
  readonly score: number;
  /** Number of readings in the interval with this track. */
  readonly frames: number;
}

/**
 * What was seen and done in one minute of the wall clock. A record covers less than a minute where the daemon started or ended
 * in it, and where the clock jumped: the records of a minute are added up.
 */
export interface Minute {
  /** Unique over restarts: `<bootId>-m<seq>`. */
  readonly id: string;
  readonly bootId: string;
  readonly seq: number;
  /** Wall clock, ms. */
  readonly startedAt: number;
  readonly endedAt: number;
  /** Monotonic, ms; the sum of `watchedMs`, `blindMs` and `pausedMs`. */
  readonly durationMs: number;
  /** Largest number of faces in one frame. */
  readonly people: number;
  /** Visits that became long enough to count, and visits that ended. */
  readonly visitsBegun: number;
  readonly visitsEnded: number;
  /** Dwell of the visits that ended. */
  readonly dwellMs: number;
  /** Visits that ended, with their dwell, per dominant label. */
  readonly ended: Readonly<Record<string, { readonly visits: number; readonly dwellMs: number }>>;
  /** Time of all faces per label, `uncertain` included, in ms: two faces for a minute make 120,000. */
  readonly shownMs: Readonly<Record<string, number>>;
  /** Frames were analysed. */
  readonly watchedMs: number;
  /** No frames although they were due: the camera was lost or starting, or the vision process restarted. */
  readonly blindMs: number;
  /** An operator had paused the camera. */
  readonly pausedMs: number;
  /** Id of the model; empty until one is loaded. */
  readonly model: string;
  /** Id of the configuration: changes when a setting other than `device.name` changes. */
  readonly config: string;
  /** The daemon was killed or lost power during the minute. Absent for every other record. */
  readonly cut?: true;
}

/** The sums of the minutes of one hour (UTC). Several records of an hour are added up, as those of a minute are. */
export interface Hour
  extends Omit<Minute, 'id' | 'bootId' | 'seq' | 'startedAt' | 'endedAt' | 'model' | 'config' | 'cut'> {
  /** Wall clock, ms; a full hour. */
  readonly start: number;
}
