import { statSync } from 'node:fs';
import { wait } from '../core/clock.ts';
import { exitCode, MienError } from '../core/errors.ts';
import { cv, type Mat, type VideoCapture } from '../core/opencv.ts';
import { readContainer } from './container.ts';
import type { ContainerFacts } from './container-facts.ts';
import { decodedOpener, jpegOpener, nextIntact, type OpenPicture, requestPackets } from './jpeg-reader.ts';
import { compose, type Orientation, orientationOf, sizeAfter, upright } from './orientation.ts';
import type { Frame, FrameSource, RawFrame, ReadOptions, SourceOptions } from './source.ts';

const hasFfmpeg = /FFMPEG:\s+YES/.test(cv.getBuildInformation());

/**
 * Opens a recording. At the pace of the source it behaves like a camera: a late reader gets the newest frame, and the
 * frames in between are dropped. At full pace every frame is read.
 *
 * @throws MienError (badData) for a file that holds no video.
 */
export async function openVideoFile(path: string, options: SourceOptions): Promise<FrameSource> {
  const facts = factsOf(path);
  const capture = openCapture(path);
  const opener = openerFor(path, { capture, facts, options });
  const first = capture.read();
  if (first.empty) {
    capture.release();
    throw noVideo(path, 'it has no frame that can be decoded');
  }
  return new VideoFile({ path, facts, capture, opener, first, options });
}

/** An unreadable file is refused when it is opened, with the reason. */
function factsOf(path: string): ContainerFacts {
  try {
    return readContainer(path);
  } catch {
    return {};
  }
}

interface Opener {
  readonly open: OpenPicture;
  /** Orientation that all its pictures have in common. */
  readonly orientation: Orientation;
  readonly isDecoded: boolean;
}

interface OpenCapture {
  readonly capture: VideoCapture;
  readonly facts: ContainerFacts;
  readonly options: SourceOptions;
}

/**
 * Packets carry no times. So they are requested only where the position of a picture gives its time: in an AVI without
 * left-out pictures.
 */
function openerFor(path: string, { capture, facts, options }: OpenCapture): Opener {
  const { targetWidth } = options;
  const isSuited =
    targetWidth !== undefined && /\.avi$/i.test(path) && !facts.hasGaps && hasFfmpeg && requestPackets(capture);
  const mounting = orientationOf(options);
  if (isSuited) return { open: jpegOpener(targetWidth, mounting), orientation: mounting, isDecoded: false };
  const orientation = compose(facts.orientation ?? reportedOrientation(capture), mounting);
  return { open: decodedOpener(orientation), orientation, isDecoded: true };
}

/** OpenCV's property for the orientation in degrees, which the bindings do not name. */
const orientationMeta = 48;
/** OpenCV's property for automatic rotation. */
const orientationAuto = 49;
/** OpenCV up to 4.6 counts the degrees counter-clockwise and rotates accordingly. */
const isReversed = cv.version.major === 4 && cv.version.minor <= 6;

/** Orientation reported by OpenCV, for containers that container.ts does not read. */
function reportedOrientation(capture: VideoCapture): Orientation {
  const degrees = capture.get(orientationMeta);
  return Number.isFinite(degrees) ? orientationOf({ rotate: isReversed ? -degrees : degrees }) : upright;
}

/**
 * Opens with FFmpeg. Other backends are tried only where OpenCV was built without FFmpeg: they write to stderr about
 * unknown formats.
 */
function openCapture(path: string): VideoCapture {
  const size = statSync(path, { throwIfNoEntry: false })?.size;
  if (size === undefined) {
    throw new MienError(`The recording ${path} is gone`, { code: exitCode.noInput, remedy: 'Put it back' });
  }
  if (size === 0) throw noVideo(path, 'it is empty');
  try {
    const capture = new cv.VideoCapture(path, hasFfmpeg ? cv.CAP_FFMPEG : cv.CAP_ANY);
    // Rotation is done here, see `openerFor`. Versions without this property do not rotate either.
    capture.set(orientationAuto, 0);
    return capture;
  } catch {
    // OpenCV throws without a reason ("failed to open capture").
    throw noVideo(path, 'no decoder knows its format');
  }
}

function noVideo(path: string, reason: string): MienError {
  return new MienError(`Not a video: ${path} (expected a recording such as .mp4, .mkv or .avi; ${reason})`, {
    code: exitCode.badData,
    remedy: 'Check the file with another player, or convert it, for example to H.264 in .mp4',
  });
}

interface OpenFile {
  readonly path: string;
  readonly facts: ContainerFacts;
  readonly capture: VideoCapture;
  readonly opener: Opener;
  readonly first: Mat;
  readonly options: SourceOptions;
}

class VideoFile implements FrameSource {
  readonly info;
  readonly #path: string;
  readonly #facts: ContainerFacts;
  readonly #options: SourceOptions;
  readonly #times: FrameTimes;
  #capture: VideoCapture;
  #opener: Opener;
  /** The next frame, as the capture returned it. */
  #pending: Mat | undefined;
  #index = 0;
  /** Frames and seconds of the completed rounds, so that both keep growing in a loop. */
  #roundStartIndex = 0;
  #roundStartT = 0;
  #lastT = 0;
  #startedAt: number | undefined;

  constructor({ path, facts, capture, opener, first, options }: OpenFile) {
    this.#path = path;
    this.#facts = facts;
    this.#capture = capture;
    this.#opener = opener;
    this.#pending = first;
    this.#options = options;
    const fps = rateOf(capture) ?? options.fps;
    this.#times = new FrameTimes(1 / fps);
    this.info = {
      description: `recording ${path}`,
      ...sizeAfter(opener.orientation, {
        width: opener.isDecoded ? first.cols : capture.get(cv.CAP_PROP_FRAME_WIDTH),
        height: opener.isDecoded ? first.rows : capture.get(cv.CAP_PROP_FRAME_HEIGHT),
      }),
      fps,
      live: false,
      frameCount: facts.frames ?? plausible(capture.get(cv.CAP_PROP_FRAME_COUNT)),
      isCounted: facts.frames !== undefined,
      isCutShort: facts.isCutShort ?? false,
      decodesBeside: !opener.isDecoded,
    };
  }

  read(signal: AbortSignal, readOptions?: ReadOptions): Promise<Frame | undefined> {
    return nextIntact(
      () => this.#nextInTime(signal),
      (mat, given) => this.#opener.open(mat, given),
      readOptions,
    );
  }

  close(): void {
    this.#pending?.release();
    this.#pending = undefined;
    this.#capture.release();
  }

  /** The frame is not decoded yet, so dropped frames cost no decoding. */
  async #nextInTime(signal: AbortSignal): Promise<RawFrame | undefined> {
    const frame = this.#next();
    if (!frame || this.#options.pace === 'max') return frame;
    return this.#keepPace(frame, signal);
  }

  /**
   * Waits until `frame` is due. If it is overdue by more than its own duration, takes the next one instead. After 500
   * ms of that, resets the start time: a board that decodes more slowly than the recording plays would otherwise drop
   * forever and never show a frame. Where the recording's time jumps ahead, for instance in joined recordings, the gap
   * is skipped.
   */
  async #keepPace(due: RawFrame, signal: AbortSignal): Promise<RawFrame | undefined> {
    let frame = due;
    this.#startedAt ??= performance.now() - frame.t * 1000;
    const askedAt = performance.now();
    const timeJumpMs = Math.max(5000, 2000 / this.info.fps);
    for (;;) {
      if (performance.now() - askedAt > 500) this.#startedAt = performance.now() - frame.t * 1000;
      const early = this.#startedAt + frame.t * 1000 - performance.now();
      if (early > timeJumpMs) {
        this.#startedAt -= early;
        return frame;
      }
      if (early > -1000 / this.info.fps) {
        await wait(Math.max(0, early), signal);
        return frame;
      }
      const next = this.#next();
      if (!next) return frame;
      frame.mat.release();
      frame = next;
    }
  }

  #next(): RawFrame | undefined {
    const mat = this.#pending ?? this.#decode();
    this.#pending = undefined;
    if (!mat) return undefined;
    const index = this.#index++;
    this.#lastT = this.#roundStartT + this.#times.next(this.#capture.get(cv.CAP_PROP_POS_MSEC) / 1000);
    return { index, mat, t: this.#lastT };
  }

  #decode(): Mat | undefined {
    const mat = this.#capture.read();
    if (!mat.empty) return mat;
    if (!this.#options.loop || this.#index === this.#roundStartIndex) return undefined;
    this.#capture.release();
    this.#capture = openCapture(this.#path);
    this.#opener = openerFor(this.#path, { capture: this.#capture, facts: this.#facts, options: this.#options });
    this.#times.restart();
    this.#roundStartIndex = this.#index;
    this.#roundStartT = this.#lastT + 1 / this.info.fps;
    const reopened = this.#capture.read();
    return reopened.empty ? undefined : reopened;
  }
}

/**
 * Seconds of each frame since the first, from the container's times. They always grow: FFmpeg has no times for the last
 * frames of many files and reports 0, other containers have no times at all, and some do not start at 0. A frame
 * without a usable time follows after the same step as the frame before it.
 */
class FrameTimes {
  readonly #usualStep: number;
  #origin: number | undefined;
  #last = 0;
  #step: number;

  constructor(usualStep: number) {
    this.#usualStep = usualStep;
    this.#step = usualStep;
  }

  restart(): void {
    this.#origin = undefined;
    this.#last = 0;
    this.#step = this.#usualStep;
  }

  /** @param position time of the container, in seconds */
  next(position: number): number {
    if (this.#origin === undefined) {
      this.#origin = isTime(position) ? position : 0;
      return 0;
    }
    const t = isTime(position) ? position - this.#origin : 0;
    if (t > this.#last) this.#step = Math.min(t - this.#last, maxStep);
    this.#last = t > this.#last ? t : this.#last + this.#step;
    return this.#last;
  }
}

/** In seconds. A longer gap is not used as the step for frames without a time. */
const maxStep = 10;

/** In seconds, up to ten years. OpenCV reports -7e12 where a container has no times. */
function isTime(position: number): boolean {
  return position >= 0 && position < 3e8;
}

/**
 * Rates above 1000 are discarded: no camera reaches them, and a container without a rate reports its time base, up to
 * 1.2 million.
 */
function rateOf(capture: VideoCapture): number | undefined {
  const fps = plausible(capture.get(cv.CAP_PROP_FPS));
  return fps !== undefined && fps <= 1000 ? fps : undefined;
}

/** OpenCV returns 0, negative or absurd numbers for unknown properties. */
function plausible(value: number): number | undefined {
  return Number.isFinite(value) && value > 0 && value < 1e9 ? value : undefined;
}
