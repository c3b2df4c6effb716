import type { MienError } from '../core/errors.ts';
import type { Mat } from '../core/opencv.ts';

/** What a source negotiated when it was opened. */
interface SourceInfo {
  /** What kind of thing it is and which, for people: `USB camera /dev/video0`. */
  readonly description: string;
  readonly width: number;
  readonly height: number;
  /** Frames a second that the source promises; what was asked for where it promises nothing. */
  readonly fps: number;
  /** A camera or stream: its frames come when they come. A recording waits for its reader. */
  readonly live: boolean;
  /** Length of a recording as far as it is known; a guess of its container unless `isCounted`. */
  readonly frameCount?: number;
  readonly isCounted?: boolean;
  /** The file of a recording ends before its container does. */
  readonly isCutShort?: boolean;
  /** Single pictures, each of which may show somebody else. */
  readonly pictures?: boolean;
  /** What is asked for ahead is decoded on another thread. */
  readonly decodesBeside?: boolean;
}

/** One picture: BGR, 8 bits; grey where it was read at a glance and is smaller for that. Whoever takes it releases the Mat. */
export interface Frame {
  /** Counts what the source delivered, also what was dropped on the way; from 0. */
  readonly index: number;
  readonly mat: Mat;
  /** The picture as the source itself compressed it; `mat` may then be a smaller version of it. */
  readonly jpeg?: JpegPicture;
  /** Seconds: presentation time of a recording, time since opening of a camera. */
  readonly t: number;
  /** When it had come, in monotonic ms: before it was decoded, where the source hands on what the camera compressed. */
  readonly mono: number;
}

/** A frame as the source got it, not decoded yet where it hands on what the camera compressed. */
export type Given = Pick<Frame, 'index' | 'mat' | 't'>;

/** By how much a picture may be made smaller while it is decoded. */
export type Reduction = 1 | 2 | 4 | 8;

/** A JPEG of which a smaller version was decoded, and from which more can be had. */
export interface JpegPicture {
  /** Whole, with all that a viewer needs to show it. */
  readonly bytes: Buffer;
  /** The bytes lie otherwise than the picture (EXIF, `camera.rotate`): viewers need it encoded anew. */
  readonly isTurned?: boolean;
  /** Pixels of the picture for one of the Mat, across and down. */
  readonly scale: Reduction;
  /** The largest scale that leaves the width that the reader called enough. */
  readonly enough: Reduction;
  /** Decodes it anew, `by` times smaller than it is; grey is several times cheaper than BGR. The caller releases the Mat. */
  decode(by: Reduction, colour: 'grey' | 'bgr'): Mat;
}

/**
 * Where frames come from. `read` gives the newest frame, `undefined` when there are no more: a recording has ended, a
 * camera is gone. It may block for as long as the hardware does, which is why it lives in the vision process.
 */
export interface FrameSource {
  readonly info: SourceInfo;
  read(signal: AbortSignal, wish?: Wish): Promise<Frame | undefined>;
  close(): void;
}

/** What the reader of a frame needs. */
export interface Wish {
  /**
   * Nobody need be recognized in it: where the source compresses its pictures itself, a tiny grey version will do, from which
   * more can be had.
   */
  readonly isGlance?: boolean;
  /** Nobody waits for it yet: what can be done on another thread shall be. */
  readonly isAhead?: boolean;
  /** Asked of each frame when it has come: one that is not wanted goes by, and is not even decoded where that can be helped. */
  readonly isWanted?: () => boolean;
}

/** What may be asked of any source; each takes what applies to it. */
export interface SourceOptions {
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  readonly loop: boolean;
  readonly pace: 'source' | 'max';
  /** How the camera is mounted, see orientation.ts. */
  readonly rotate?: number;
  readonly flip?: 'none' | 'horizontal' | 'vertical';
  /** A source that gives no picture for this long is lost; `usualStallMs` where it is not said. */
  readonly stallMs?: number;
  readonly rtspTransport?: 'auto' | 'tcp' | 'udp';
  /**
   * Width in pixels that is enough for whoever reads, of a picture of that width. With it a source that delivers JPEG hands its
   * bytes on, and decodes to no more than the next size above that; without it every Mat is the whole picture.
   */
  readonly enoughWidth?: (width: number) => number;
  /** Is told of each picture of a folder that cannot be used, once an opening. */
  readonly onSkip?: (fault: MienError) => void;
}

/** Default of `camera.stallMs`, for whoever opens a source without a configuration. */
export const usualStallMs = 5000;
