import { statSync } from 'node:fs';
import { wait } from '../core/clock.ts';
import { exitCode, MienError } from '../core/errors.ts';
import { cv, type Mat, type VideoCapture } from '../core/opencv.ts';
import { jpegOpener, nextWhole, type OpenPicture, openDecoded, wantPackets } from './jpeg-reader.ts';
import type { Frame, FrameSource, Given, SourceOptions, Wish } from './source.ts';

const hasFfmpeg = /FFMPEG:\s+YES/.test(cv.getBuildInformation());

/**
 * Opens a recording. At the pace of the source it behaves like a camera: a reader that is late gets the newest frame and
 * the ones in between are dropped. At full pace every frame is read.
 *
 * @throws MienError (badData) for a file that holds no video.
 */
export async function openVideoFile(path: string, options: SourceOptions): Promise<FrameSource> {
  const capture = openCapture(path);
  const open = openerFor(path, capture, options);
  const first = capture.read();
  if (first.empty) {
    capture.release();
    throw noVideo(path, 'it has no frame that can be decoded');
  }
  return new VideoFile({ path, capture, open, first, options });
}

/** Only of an AVI: it has no times of its own, and FFmpeg's packets come without. */
function openerFor(path: string, capture: VideoCapture, { enoughWidth }: SourceOptions): OpenPicture {
  const isSuited = enoughWidth !== undefined && /\.avi$/i.test(path) && hasFfmpeg && wantPackets(capture);
  return isSuited ? jpegOpener(enoughWidth) : openDecoded;
}

/**
 * FFmpeg knows the containers. The other backends are asked only where OpenCV was built without it: they write to stderr
 * about what they do not know.
 */
function openCapture(path: string): VideoCapture {
  const size = statSync(path, { throwIfNoEntry: false })?.size;
  if (size === undefined) {
    throw new MienError(`The recording ${path} is gone`, { code: exitCode.noInput, remedy: 'Put it back' });
  }
  if (size === 0) throw noVideo(path, 'it is empty');
  try {
    return new cv.VideoCapture(path, hasFfmpeg ? cv.CAP_FFMPEG : cv.CAP_ANY);
  } catch {
    // Thrown without a reason ("failed to open capture").
    throw noVideo(path, 'no decoder knows its format');
  }
}

function noVideo(path: string, why: string): MienError {
  return new MienError(`Not a video: ${path} (expected a recording such as .mp4, .mkv or .avi; ${why})`, {
    code: exitCode.badData,
    remedy: 'Check the file with another player, or convert it, for example to H.264 in .mp4',
  });
}

interface OpenFile {
  readonly path: string;
  readonly capture: VideoCapture;
  readonly open: OpenPicture;
  readonly first: Mat;
  readonly options: SourceOptions;
}

class VideoFile implements FrameSource {
  readonly info;
  readonly #path: string;
  readonly #options: SourceOptions;
  #capture: VideoCapture;
  #open: OpenPicture;
  /** As the capture gave it. */
  #pending: Mat | undefined;
  #index = 0;
  /** Frames and seconds of the rounds already played, so that both go on over the loop. */
  #roundStartIndex = 0;
  #roundStartT = 0;
  #lastT = 0;
  #startedAt: number | undefined;

  constructor({ path, capture, open, first, options }: OpenFile) {
    this.#path = path;
    this.#capture = capture;
    this.#open = open;
    this.#pending = first;
    this.#options = options;
    const comesDecoded = open === openDecoded;
    this.info = {
      description: `recording ${path}`,
      width: comesDecoded ? first.cols : capture.get(cv.CAP_PROP_FRAME_WIDTH),
      height: comesDecoded ? first.rows : capture.get(cv.CAP_PROP_FRAME_HEIGHT),
      fps: sane(capture.get(cv.CAP_PROP_FPS)) ?? options.fps,
      live: false,
      frameCount: sane(capture.get(cv.CAP_PROP_FRAME_COUNT)),
      decodesBeside: !comesDecoded,
    };
  }

  read(signal: AbortSignal, wish?: Wish): Promise<Frame | undefined> {
    return nextWhole(
      () => this.#nextInTime(signal),
      (mat, given) => this.#open(mat, given),
      wish,
    );
  }

  close(): void {
    this.#pending?.release();
    this.#pending = undefined;
    this.#capture.release();
  }

  /** Not opened yet: what is dropped on the way need not be decoded. */
  async #nextInTime(signal: AbortSignal): Promise<Given | undefined> {
    const frame = this.#next();
    if (!frame || this.#options.pace === 'max') return frame;
    return this.#keepPace(frame, signal);
  }

  /**
   * Waits until `frame` is due; when it is overdue by more than its own duration, takes the next one instead. After half
   * a second of that, time itself is put back: a board that decodes more slowly than the recording plays would otherwise
   * drop for ever and never show one. Where the recording's own time leaps ahead, for instance because two were joined, the
   * gap is left out.
   */
  async #keepPace(due: Given, signal: AbortSignal): Promise<Given | undefined> {
    let frame = due;
    this.#startedAt ??= performance.now() - frame.t * 1000;
    const askedAt = performance.now();
    const leapMs = Math.max(5000, 2000 / this.info.fps);
    for (;;) {
      if (performance.now() - askedAt > 500) this.#startedAt = performance.now() - frame.t * 1000;
      const early = this.#startedAt + frame.t * 1000 - performance.now();
      if (early > leapMs) {
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

  #next(): Given | undefined {
    const mat = this.#pending ?? this.#decode();
    this.#pending = undefined;
    if (!mat) return undefined;
    const index = this.#index++;
    this.#lastT = this.#roundStartT + this.#position(index - this.#roundStartIndex);
    return { index, mat, t: this.#lastT };
  }

  #decode(): Mat | undefined {
    const mat = this.#capture.read();
    if (!mat.empty) return mat;
    if (!this.#options.loop || this.#index === this.#roundStartIndex) return undefined;
    this.#capture.release();
    this.#capture = openCapture(this.#path);
    this.#open = openerFor(this.#path, this.#capture, this.#options);
    this.#roundStartIndex = this.#index;
    this.#roundStartT = this.#lastT + 1 / this.info.fps;
    const again = this.#capture.read();
    return again.empty ? undefined : again;
  }

  /** Presentation time in the file; computed where the container has none (it then stays 0). */
  #position(index: number): number {
    const ms = this.#capture.get(cv.CAP_PROP_POS_MSEC);
    return ms > 0 || index === 0 ? ms / 1000 : index / this.info.fps;
  }
}

/** OpenCV answers unknown properties with 0, negative or absurd numbers. */
function sane(value: number): number | undefined {
  return Number.isFinite(value) && value > 0 && value < 1e9 ? value : undefined;
}
