import type { Clock } from '../core/clock.ts';
import type { MienError } from '../core/errors.ts';
import type { Mat } from '../core/opencv.ts';

/** Properties of a source, known after opening. */
interface SourceInfo {
  /** Kind and name for people: `USB camera /dev/video0`. */
  readonly description: string;
  readonly width: number;
  readonly height: number;
  /** Frames per second that the source reports; the requested rate where it reports none. */
  readonly fps: number;
  /** A camera or stream, which delivers frames at its own times. A recording waits for its reader. */
  readonly live: boolean;
  /** Length of a recording in frames, if known; an estimate of its container unless `isCounted`. */
  readonly frameCount?: number;
  readonly isCounted?: boolean;
  /** The file of a recording is shorter than its container states. */
  readonly isCutShort?: boolean;
  /** Independent pictures, each of which may show a different person. */
  readonly pictures?: boolean;
  /** Frames that are read with `isPrefetch` are decoded on another thread. */
  readonly decodesOffThread?: boolean;
}

/** One picture: BGR, 8 bits; grey where it was read as a thumbnail. The receiver releases the Mat. */
export interface Frame {
  /** Number of the frame from 0, counting all frames of the source, including dropped ones. */
  readonly index: number;
  readonly mat: Mat;
  /** The picture as the source compressed it; `mat` may then be a smaller version of it. */
  readonly jpeg?: JpegPicture;
  /** Seconds: presentation time in a recording, time since opening of a camera. */
  readonly t: number;
  /** Arrival, in monotonic ms. For compressed pictures this is the time before decoding. */
  readonly mono: number;
}

/** A frame as it arrived; not decoded yet where the source passes on compressed pictures. */
export type RawFrame = Pick<Frame, 'index' | 'mat' | 't'>;

/** Factor by which a picture is reduced while decoding. */
export type Reduction = 1 | 2 | 4 | 8;

/** A JPEG that was decoded at a reduced size and can be decoded again at other sizes. */
export interface JpegPicture {
  /** Complete, including the tables that a viewer needs. */
  readonly bytes: Buffer;
  /**
   * The orientation of the bytes differs from that of the picture (EXIF, `camera.rotate`). For viewers it must be
   * encoded again.
   */
  readonly isTurned?: boolean;
  /** Pixels of the picture per pixel of the Mat, horizontally and vertically. */
  readonly scale: Reduction;
  /** The largest scale at which the picture still has the reader's `targetWidth`. */
  readonly targetScale: Reduction;
  /** Decodes it again, `by` times smaller. Grey is several times cheaper than BGR. The caller releases the Mat. */
  decode(by: Reduction, colour: 'grey' | 'bgr'): Mat;
}

/**
 * A source of frames. `read` resolves with the newest frame, or `undefined` when there are no more: a recording has
 * ended, a camera is gone. It may block as long as the hardware does, so it runs in the vision process only.
 */
export interface FrameSource {
  readonly info: SourceInfo;
  read(signal: AbortSignal, readOptions?: ReadOptions): Promise<Frame | undefined>;
  close(): void;
}

/** How a frame is read. */
export interface ReadOptions {
  /**
   * The frame only serves to detect changes: a source with compressed pictures may return a tiny grey version. A larger
   * one can be decoded from `jpeg`.
   */
  readonly isThumbnail?: boolean;
  /** The frame is read ahead of its use: decode it on another thread where possible. */
  readonly isPrefetch?: boolean;
  /** Called for each frame on arrival. An unwanted frame is dropped, without decoding where possible. */
  readonly isWanted?: () => boolean;
}

/** Options of any source. Each source uses those that apply to it. */
export interface SourceOptions {
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  readonly loop: boolean;
  readonly pace: 'source' | 'max';
  /** How the camera is mounted, see orientation.ts. */
  readonly rotate?: number;
  readonly flip?: 'none' | 'horizontal' | 'vertical';
  /** Time without a picture after which the source counts as lost, in ms; default `defaultStallMs`. */
  readonly stallMs?: number;
  readonly rtspTransport?: 'auto' | 'tcp' | 'udp';
  /**
   * Maps a picture's width to the width that its reader needs, in pixels. With it, a source that delivers JPEG passes
   * its bytes on and decodes to the next size above that width. Without it every Mat has full size.
   */
  readonly targetWidth?: (width: number) => number;
  /** Measures times of frames and waits; default: the system's clock. */
  readonly clock?: Clock;
  /** Called for each unusable picture of a folder, once per opening. */
  readonly onSkip?: (fault: MienError) => void;
}

/** Default of `camera.stallMs`, for sources that are opened without a configuration. */
export const defaultStallMs = 5000;
